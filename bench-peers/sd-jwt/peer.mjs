// The package @sd-jwt/sd-jwt-vc verifies an SD-JWT VC with its key binding, on Node. Spoken to as `../src/turns.rs` says.
//
// An input is `NAME.json`: {"token", "issuer" (a JWK), "nonce"}. The number that tells what was read is how many claims the
// payload has.
//
// Everything is the package's but two functions that it has its user give: one hashes, one verifies a signature. Both are
// Node's own, called at once and not through a thread pool: that takes 230 us for what its companion package
// (crypto-nodejs) takes 310 us for. The issuer's key is read once; the holder's, which comes with the token, each time.
// `NAME:reading` verifies no signature: what is left is reading, hashing and comparing.

import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Calls until the engine has compiled what it runs often. */
const WARM = 3000;

const hasher = (data) => createHash('sha256').update(data).digest();
const jwk = (key) => createPublicKey({ key, format: 'jwk' });
const holds = (key, data, signature) => {
  const bytes = Buffer.from(signature, 'base64url');
  return key.asymmetricKeyType === 'ed25519'
    ? verify(null, Buffer.from(data), key, bytes)
    : verify('sha256', Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' }, bytes);
};

let once;

async function load(name) {
  const [file, reading] = [name.replace(/:reading$/, ''), name.endsWith(':reading')];
  const { token, issuer, nonce } = JSON.parse(readFileSync(`${file}.json`, 'utf8'));
  const key = jwk(issuer);
  const verifier = new SDJwtVcInstance({
    hasher,
    hashAlg: 'sha-256',
    verifier: (data, signature) => reading || holds(key, data, signature),
    kbVerifier: (data, signature, payload) => reading || holds(jwk(payload.cnf.jwk), data, signature),
  });
  once = () => verifier.verify(token, { keyBindingNonce: nonce });
  for (let call = 0; call < WARM; call++) await once();
  return Object.keys((await once()).payload).length;
}

async function turn(count) {
  const times = [];
  for (let call = 0; call < count; call++) {
    const start = process.hrtime.bigint();
    await once();
    times.push(process.hrtime.bigint() - start);
  }
  return times.join(' ');
}

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const answers = {
  about: async () =>
    `@sd-jwt/sd-jwt-vc ${dependencies['@sd-jwt/sd-jwt-vc']} on Node ${process.versions.node}, OpenSSL ${process.versions.openssl}`,
  load,
  turn: (count) => turn(Number(count)),
};

for await (const line of createInterface({ input: process.stdin })) {
  const [what, argument] = line.split(' ');
  try {
    console.log(String(await answers[what](argument)));
  } catch (error) {
    console.log(`error: ${error.message}`.replaceAll('\n', ' '));
  }
}
