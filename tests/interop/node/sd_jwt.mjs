// @sd-jwt/core and @sd-jwt/sd-jwt-vc, with @sd-jwt/crypto-nodejs where it can (it has no EdDSA).

import { SDJwtInstance } from '@sd-jwt/core'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { ES256, digest, generateSalt } from '@sd-jwt/crypto-nodejs'
import { algOf, jwtSigner, jwtVerifier, makeKey, publicJwk, Refused, seeded } from './common.mjs'

class SdJwt extends SDJwtInstance {
  type = 'example+sd-jwt'
}

const driver = (name, Instance, format) => ({
  name,
  formats: [format],

  async issue(asked) {
    const issuer = asked.issuer_key ?? makeKey(asked.alg ?? 'ES256', asked.seed && asked.seed + ' issuer')
    const holder = asked.holder_key ?? (asked.bind === false ? null : makeKey(asked.holder_alg ?? 'ES256', asked.seed && asked.seed + ' holder'))
    const draw = seeded(asked.seed)
    const instance = new Instance({
      ...(await signing(issuer)),
      hasher: digest,
      hashAlg: asked.hash ?? 'sha-256',
      saltGenerator: asked.seed ? (length) => draw(length).toString('hex').slice(0, length) : generateSalt,
    })
    const claims = holder ? { ...asked.claims, cnf: { jwk: publicJwk(holder) } } : asked.claims
    const token = await instance.issue(claims, frame(asked.disclosable ?? [], asked.decoys ?? 0), { header: asked.header ?? {} })
    return { token, issuer_key: issuer, holder_key: holder }
  },

  async present(asked) {
    const config = { hasher: digest }
    if (asked.holder_key) {
      const { signer, signAlg } = await signing(asked.holder_key)
      Object.assign(config, { kbSigner: signer, kbSignAlg: signAlg })
    }
    const kb = asked.holder_key && { payload: { iat: asked.iat, aud: asked.audience, nonce: asked.nonce } }
    return { token: await new Instance(config).present(asked.token, wanted(asked.disclose ?? []), { kb }) }
  },

  async verify(asked) {
    const issuer = publicJwk(asked.issuer_key)
    const instance = new Instance({
      hasher: digest,
      verifier: algOf(issuer) === 'ES256' ? await ES256.getVerifier(issuer) : jwtVerifier(issuer),
      kbVerifier: (data, signature, payload) => jwtVerifier(payload.cnf.jwk)(data, signature),
      statusListFetcher: async () => asked.status_list,
      statusVerifier: asked.status_key && jwtVerifier(asked.status_key),
    })
    const said = await instance.verify(asked.token, { currentDate: asked.at, keyBindingNonce: asked.nonce })
    // The program leaves the audience to its caller.
    if (asked.audience && said.kb.payload.aud !== asked.audience) throw new Refused('audience (judged by the driver)')
    return { claims: said.payload, unchecked: ['typ', 'kb aud', 'kb iat', 'cnf if no nonce is given'] }
  },
})

export const drivers = [driver('@sd-jwt/core', SdJwt, 'sd-jwt'), driver('@sd-jwt/sd-jwt-vc', SDJwtVcInstance, 'sd-jwt-vc')]

async function signing(jwk) {
  return { signer: algOf(jwk) === 'ES256' ? await ES256.getSigner(jwk) : jwtSigner(jwk), signAlg: algOf(jwk) }
}

/** Paths as the nested frame that says what the issuer makes disclosable. */
function frame(paths, decoys) {
  const made = decoys ? { _sd_decoy: decoys } : {}
  for (const path of paths) {
    let branch = made
    for (const step of path.slice(0, -1)) branch = branch[step] ??= {}
    ;(branch._sd ??= []).push(path.at(-1))
  }
  return made
}

/** Paths as the nested frame that says what the holder discloses. */
function wanted(paths) {
  const made = {}
  for (const path of paths) {
    let branch = made
    for (const step of path.slice(0, -1)) {
      if (typeof branch[step] !== 'object') branch[step] = {}
      branch = branch[step]
    }
    branch[path.at(-1)] ??= true
  }
  return made
}
