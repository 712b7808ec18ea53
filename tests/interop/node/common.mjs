// What the Node drivers share: keys, CBOR written as JSON (see ../python/common.py), and CBOR cut without being read.

import { createHash, createHmac, createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto'

export class Refused extends Error {}
export class Unsupported extends Error {}

export const algOf = (jwk) => (jwk.kty === 'OKP' ? 'EdDSA' : 'ES256')
export const publicJwk = ({ d, ...rest }) => rest
export const hex = (bytes) => Buffer.from(bytes).toString('hex')
export const unhex = (text) => Uint8Array.from(Buffer.from(text, 'hex'))

export function makeKey(alg, seed) {
  const raw = seed ? createHash('sha256').update(seed).digest() : randomBytes(32)
  if (alg === 'EdDSA') {
    const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
    return createPrivateKey({ key: Buffer.concat([prefix, raw]), format: 'der', type: 'pkcs8' }).export({ format: 'jwk' })
  }
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const scalar = ((BigInt('0x' + raw.toString('hex')) % (order - 1n)) + 1n).toString(16).padStart(64, '0')
  const der = Buffer.from('30310201010420' + scalar + 'a00a06082a8648ce3d030107', 'hex')
  return createPrivateKey({ key: der, format: 'der', type: 'sec1' }).export({ format: 'jwk' })
}

export function signBytes(jwk, data) {
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  return algOf(jwk) === 'EdDSA' ? sign(null, data, key) : sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' })
}

export function verifyBytes(jwk, data, signature) {
  const key = createPublicKey({ key: publicJwk(jwk), format: 'jwk' })
  return algOf(jwk) === 'EdDSA' ? verify(null, data, key, signature) : verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature)
}

export const jwtSigner = (jwk) => (data) => signBytes(jwk, Buffer.from(data)).toString('base64url')
export const jwtVerifier = (jwk) => (data, signature) => verifyBytes(jwk, Buffer.from(data), Buffer.from(signature, 'base64url'))

/** Bytes to draw: from a seed, so that what is made can be made again, or from the machine. */
export function seeded(seed) {
  if (!seed) return randomBytes
  let count = 0
  return (length) => {
    let drawn = Buffer.alloc(0)
    while (drawn.length < length) drawn = Buffer.concat([drawn, createHmac('sha256', seed).update(String(count++)).digest()])
    return drawn.subarray(0, length)
  }
}

/** JSON as in ../python/common.py, as values for a CBOR library; `day` makes a date of tag 1004. */
export function toCbor(value, day) {
  if (Array.isArray(value)) return value.map((item) => toCbor(item, day))
  if (value === null || typeof value !== 'object') return value
  const keys = Object.keys(value)
  if (keys.length === 1 && keys[0] === 'hex') return unhex(value.hex)
  if (keys.length === 2 && 'tag' in value && 'value' in value) {
    if (value.tag === 1004) return day(value.value)
    if (value.tag === 0) return new Date(value.value)
    throw new Unsupported(`tag ${value.tag}`)
  }
  return new Map(Object.entries(value).map(([key, item]) => [/^-?\d+$/.test(key) ? Number(key) : key, toCbor(item, day)]))
}

/** A CBOR library's values as JSON; `Day` is its class for a date of tag 1004. */
export function fromCbor(value, Day) {
  if (value instanceof Uint8Array) return { hex: hex(value) }
  if (Day && value instanceof Day) return { tag: 1004, value: value.toISOString() }
  if (value instanceof Date) return { tag: 0, value: value.toISOString().replace('.000', '') }
  if (Array.isArray(value)) return value.map((item) => fromCbor(item, Day))
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), fromCbor(item, Day)]))
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromCbor(item, Day)]))
  return value
}

/** The head of the CBOR item at `at`: major type, argument, and where its content starts. */
function head(bytes, at) {
  const short = bytes[at] & 31
  if (short < 24) return { major: bytes[at] >> 5, argument: short, next: at + 1 }
  const width = 1 << (short - 24)
  if (short > 27) throw new Error('indefinite length')
  const argument = Number(BigInt('0x' + hex(bytes.subarray(at + 1, at + 1 + width))))
  return { major: bytes[at] >> 5, argument, next: at + 1 + width }
}

function end(bytes, at) {
  const { major, argument, next } = head(bytes, at)
  if (major === 2 || major === 3) return next + argument
  let after = next
  const inner = { 4: argument, 5: 2 * argument, 6: 1 }[major] ?? 0
  for (let count = 0; count < inner; count++) after = end(bytes, after)
  return after
}

/** The encoded value at a path of text keys and indices, as it stands in `bytes`. */
export function cut(bytes, path) {
  let at = 0
  for (const step of path) {
    const { major, argument, next } = head(bytes, at)
    at = next
    if (major === 4) {
      for (let count = 0; count < step; count++) at = end(bytes, at)
      continue
    }
    let found = false
    for (let count = 0; count < argument && !found; count++) {
      const value = end(bytes, at)
      found = Buffer.from(bytes.subarray(head(bytes, at).next, value)).toString() === step
      at = found ? value : end(bytes, value)
    }
    if (!found) throw new Error(`no ${step}`)
  }
  return bytes.subarray(at, end(bytes, at))
}

export function item(major, argument, content = new Uint8Array()) {
  const width = argument < 24 ? 0 : argument < 256 ? 1 : argument < 65536 ? 2 : 4
  const bytes = Buffer.alloc(1 + width)
  bytes[0] = (major << 5) | (width ? { 1: 24, 2: 25, 4: 26 }[width] : argument)
  if (width) bytes.writeUIntBE(argument, 1, width)
  return Buffer.concat([bytes, content])
}

export const text = (words) => item(3, Buffer.byteLength(words), Buffer.from(words))
export const embedded = (bytes) => item(6, 24, item(2, bytes.length, bytes))

/** What an issuer made, as the DeviceResponse without device authentication that some programs want. */
export function wrapped(doctype, issuerSigned) {
  const document = Buffer.concat([item(5, 2), text('docType'), text(doctype), text('issuerSigned'), issuerSigned])
  return Uint8Array.from(Buffer.concat([item(5, 3), text('version'), text('1.0'), text('documents'), item(4, 1), document, text('status'), item(0, 0)]))
}

export const version = async (name) => {
  const { readFileSync } = await import('node:fs')
  return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version
}
