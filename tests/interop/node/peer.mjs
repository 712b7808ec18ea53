#!/usr/bin/env node
// Drives independent programs on Node: `peer.mjs <verb>`, one JSON object on stdin, one on stdout.
// Verbs: programs, key, issue, present, verify; batch takes a list of objects with a `verb` each. ../README.md has the fields.

import { readFileSync, writeSync } from 'node:fs'
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

async function all(list) {
  const answers = []
  for (const { verb, ...asked } of list) answers.push(await one(verb, asked))
  return answers
}

const asked = JSON.parse(readFileSync(0, 'utf8') || '{}')
const verb = process.argv[2]
const said = JSON.stringify(verb === 'batch' ? await all(asked) : await one(verb, asked)) + '\n'
for (let bytes = Buffer.from(said); bytes.length; ) bytes = bytes.subarray(writeSync(1, bytes))
process.exit(0)
