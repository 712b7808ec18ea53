#!/usr/bin/env node
// Drives independent programs on Node: `peer.mjs <verb>`, one JSON object on stdin, one on stdout.
// Verbs: programs, key, issue, present, verify; `serve` answers an object with a `verb` on each line. ../README.md has the fields.

import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { makeKey, Unsupported, version } from './common.mjs'

// Programs that print must not spoil the answer.
console.log = console.info = console.warn = console.error

const modules = await Promise.all(['./mdoc.mjs', './pixelpass.mjs', './sd_jwt.mjs', './status.mjs'].map((path) => import(path)))
const drivers = Object.fromEntries(modules.flatMap(({ drivers }) => drivers).map((driver) => [driver.name, driver]))

async function answer(verb, asked) {
  if (verb === 'programs') {
    const rows = Object.values(drivers).map(async ({ name, formats }) => [name, { version: await version(name), formats }])
    return Object.fromEntries(await Promise.all(rows))
  }
  if (verb === 'key') return { key: makeKey(asked.alg ?? 'ES256', asked.seed) }
  const driver = drivers[asked.program]
  if (!driver?.[verb] || !driver.formats.includes(asked.format)) throw new Unsupported(`${asked.program} has no ${verb} for ${asked.format}`)
  try {
    const said = await driver[verb](asked)
    return verb === 'verify' ? { ok: true, why: '', ...said } : said
  } catch (error) {
    if (error instanceof Unsupported) throw error
    const why = `${error.name}: ${error.message}`
    return verb === 'verify' ? { ok: false, claims: null, why } : { failed: why }
  }
}

async function one(verb, asked) {
  try {
    return await answer(verb, asked)
  } catch (error) {
    if (error instanceof Unsupported) return { unsupported: error.message }
    throw error
  }
}

/** A file descriptor that is no file may be full for a while. */
function write(said) {
  for (let bytes = Buffer.from(JSON.stringify(said) + '\n'); bytes.length; ) {
    try {
      bytes = bytes.subarray(writeSync(1, bytes))
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
    }
  }
}

const verb = process.argv[2]
if (verb === 'serve') {
  for await (const line of createInterface({ input: process.stdin })) {
    const { verb, ...asked } = JSON.parse(line)
    write(await one(verb, asked))
  }
} else {
  let input = ''
  for await (const part of process.stdin) input += part
  write(await one(verb, JSON.parse(input || '{}')))
}
process.exit(0)
