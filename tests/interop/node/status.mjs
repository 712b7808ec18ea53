// @sd-jwt/jwt-status-list: the list itself and its JWT claims; signing is the caller's.

import { StatusList, createHeaderAndPayload, getListFromStatusListJWT } from '@sd-jwt/jwt-status-list'
import { algOf, jwtSigner, jwtVerifier, makeKey, Refused } from './common.mjs'

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decode = (part) => JSON.parse(Buffer.from(part, 'base64url'))

export const drivers = [
  {
    name: '@sd-jwt/jwt-status-list',
    formats: ['status-list-jwt'],

    async issue(asked) {
      const issuer = asked.issuer_key ?? makeKey(asked.alg ?? 'ES256', asked.seed && asked.seed + ' issuer')
      const said = { iss: asked.iss ?? asked.uri, sub: asked.uri, iat: asked.iat, exp: asked.exp, ttl: asked.ttl }
      const { header, payload } = createHeaderAndPayload(new StatusList(asked.statuses, asked.bits), said, { alg: algOf(issuer), kid: asked.kid ?? '1' })
      const data = `${encode(header)}.${encode(payload)}`
      return { token: `${data}.${jwtSigner(issuer)(data)}`, issuer_key: issuer }
    },

    async verify(asked) {
      const [header, payload, signature] = asked.token.split('.')
      if (!jwtVerifier(asked.issuer_key)(`${header}.${payload}`, signature)) throw new Refused('signature (judged by the driver)')
      if (decode(header).typ !== 'statuslist+jwt') throw new Refused('typ (judged by the driver)')
      const claims = decode(payload)
      if (claims.sub !== asked.uri) throw new Refused('sub (judged by the driver)')
      if (claims.exp < asked.at) throw new Refused('exp (judged by the driver)')
      return { claims, status: getListFromStatusListJWT(asked.token).getStatus(asked.index) }
    },
  },
]
