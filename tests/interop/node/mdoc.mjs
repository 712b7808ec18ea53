// @auth0/mdl and @animo-id/mdoc. The second has no cryptography of its own: what it is given here is Node's.

import { X509Certificate, createECDH, createHash, createHmac, createPublicKey, hkdfSync, timingSafeEqual } from 'node:crypto'
import { COSEKeyFromJWK } from 'cose-kit'
import auth0 from '@auth0/mdl'
import auth0Cbor from '@auth0/mdl/lib/cbor/index.js'
import * as animo from '@animo-id/mdoc'
import { algOf, cut, embedded, fromCbor, hex, publicJwk, Refused, seeded, signBytes, toCbor, unhex, Unsupported, verifyBytes, wrapped } from './common.mjs'

const pathsOf = (disclose) => Object.entries(disclose).flatMap(([space, names]) => names.map((name) => `$['${space}']['${name}']`))
const definition = (asked) => ({
  id: 'one',
  input_descriptors: [
    {
      id: asked.doctype,
      format: { mso_mdoc: { alg: ['ES256', 'EdDSA'] } },
      constraints: { limit_disclosure: 'required', fields: pathsOf(asked.disclose).map((path) => ({ path: [path], intent_to_retain: false })) },
    },
  ],
})
const transcript = (asked) => Uint8Array.from(embedded(unhex(asked.session_transcript)))
const validity = (asked) => ({ signed: new Date(asked.signed), validFrom: new Date(asked.from), validUntil: new Date(asked.until) })
const failures = (checks) => checks.filter(({ status }) => status === 'FAILED').map(({ check, reason }) => reason ?? check)
const issuerSigned = (response) => hex(cut(response, ['documents', 0, 'issuerSigned']))
const responseOf = (asked) => (asked.device_response ? unhex(asked.device_response) : wrapped(asked.doctype, unhex(asked.issuer_signed)))

function refuse(checks) {
  const failed = failures(checks)
  if (failed.length) throw new Refused(failed.join('; '))
}

const auth0Driver = {
  name: '@auth0/mdl',
  formats: ['mdoc'],

  async issue(asked) {
    const document = new auth0.Document(asked.doctype)
    for (const [space, values] of Object.entries(asked.namespaces)) {
      document.addIssuerNameSpace(space, Object.fromEntries(toCbor(values, (day) => new auth0Cbor.DateOnly(day))))
    }
    document.useDigestAlgorithm(asked.digest ?? 'SHA-256').addValidityInfo(validity(asked)).addDeviceKeyInfo({ deviceKey: publicJwk(asked.holder_key) })
    const signed = await document.sign({ issuerPrivateKey: asked.issuer_key, issuerCertificate: asked.chain, alg: algOf(asked.issuer_key) })
    return { issuer_signed: issuerSigned(Uint8Array.from(new auth0.MDoc([signed]).encode())), doctype: asked.doctype, holder_key: asked.holder_key }
  },

  async present(asked) {
    const response = auth0.DeviceResponse.from(responseOf(asked)).usingPresentationDefinition(definition(asked)).usingSessionTranscriptBytes(transcript(asked))
    if (asked.auth === 'mac') response.authenticateWithMAC(asked.holder_key, COSEKeyFromJWK(publicJwk(asked.reader_key)), 'HS256')
    else response.authenticateWithSignature(asked.holder_key, algOf(asked.holder_key))
    return { device_response: hex((await response.sign()).encode()), doctype: asked.doctype }
  },

  async verify(asked) {
    const checks = []
    const verifier = new auth0.Verifier(asked.roots)
    let found
    if (asked.session_transcript) {
      found = await verifier.verify(responseOf(asked), {
        ephemeralReaderKey: asked.reader_key && COSEKeyFromJWK(asked.reader_key),
        encodedSessionTranscript: transcript(asked),
        onCheck: (check) => checks.push(check),
      })
    } else {
      found = auth0.parse(responseOf(asked))
      const collect = (check) => checks.push(check)
      for (const document of found.documents) {
        await verifier.verifyIssuerSignature(document.issuerSigned.issuerAuth, false, collect)
        await verifier.verifyData(document, collect)
      }
    }
    refuse(checks)
    const claims = {}
    for (const document of found.documents) {
      for (const space of document.issuerSignedNameSpaces) claims[space] = fromCbor(document.getIssuerNameSpace(space), auth0Cbor.DateOnly)
    }
    return { claims, unchecked: ['at: it takes the machine\'s clock'] }
  },
}

const digests = { 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' }
const nameField = (certificate, field) =>
  certificate.issuer.split('\n').filter((line) => line.startsWith(field + '=')).map((line) => line.slice(field.length + 1))

function context(seed, at) {
  return {
    crypto: {
      random: seeded(seed),
      digest: ({ digestAlgorithm, bytes }) => Uint8Array.from(createHash(digests[digestAlgorithm]).update(bytes).digest()),
      calculateEphemeralMacKeyJwk({ privateKey, publicKey, sessionTranscriptBytes }) {
        const agreement = createECDH('prime256v1')
        agreement.setPrivateKey(privateKey)
        const salt = createHash('sha256').update(sessionTranscriptBytes).digest()
        const key = hkdfSync('sha256', agreement.computeSecret(publicKey), salt, 'EMacKey', 32)
        return { kty: 'oct', alg: 'HS256', k: Buffer.from(key).toString('base64url') }
      },
    },
    cose: {
      sign1: {
        sign: ({ sign1, jwk }) => Uint8Array.from(signBytes(jwk, sign1.getRawSigningData().data)),
        verify({ sign1, jwk, options }) {
          const { data, signature, alg } = sign1.getRawVerificationData(options)
          return alg === algOf(jwk) && verifyBytes(jwk, data, signature)
        },
      },
      mac0: {
        sign: ({ mac0, jwk }) => mac(jwk, mac0.getRawSigningData().data),
        verify({ mac0, jwk, options }) {
          const { data, signature } = mac0.getRawVerificationData(options)
          const expected = mac(jwk, data)
          return expected.length === signature.length && timingSafeEqual(expected, signature)
        },
      },
    },
    x509: {
      getIssuerNameField: ({ certificate, field }) => nameField(new X509Certificate(certificate), field),
      getPublicKey: ({ certificate }) => createPublicKey(new X509Certificate(certificate).publicKey.export({ format: 'pem', type: 'spki' })).export({ format: 'jwk' }),
      validateCertificateChain({ trustedCertificates, x5chain }) {
        const links = [...x5chain.map((der) => new X509Certificate(der))]
        const roots = trustedCertificates.map((pem) => new X509Certificate(pem))
        const last = links.at(-1)
        const root = roots.find((root) => last.checkIssued(root) && last.verify(root.publicKey))
        if (!root) throw new Error('no trusted root')
        for (let index = 0; index + 1 < links.length; index++) if (!links[index].verify(links[index + 1].publicKey)) throw new Error('chain broken')
        const now = new Date(at * 1000)
        if ([...links, root].some((link) => now < new Date(link.validFrom) || now > new Date(link.validTo))) throw new Error('certificate not valid at that moment')
      },
      getCertificateData({ certificate }) {
        const read = new X509Certificate(certificate)
        return {
          issuerName: read.issuer,
          subjectName: read.subject,
          serialNumber: read.serialNumber,
          thumbprint: read.fingerprint256,
          notBefore: new Date(read.validFrom),
          notAfter: new Date(read.validTo),
          pem: read.toString(),
        }
      },
    },
  }
}

const mac = ({ k }, data) => Uint8Array.from(createHmac('sha256', Buffer.from(k, 'base64url')).update(data).digest())

const animoDriver = {
  name: '@animo-id/mdoc',
  formats: ['mdoc'],

  async issue(asked) {
    if (asked.chain.length > 1) throw new Unsupported('@animo-id/mdoc writes one certificate')
    const ctx = context(asked.seed, 0)
    const document = new animo.Document(asked.doctype, ctx)
    for (const [space, values] of Object.entries(asked.namespaces)) {
      document.addIssuerNameSpace(space, Object.fromEntries(toCbor(values, (day) => new animo.DateOnly(day))))
    }
    document.useDigestAlgorithm(asked.digest ?? 'SHA-256').addValidityInfo(validity(asked)).addDeviceKeyInfo({ deviceKey: publicJwk(asked.holder_key) })
    const signed = await document.sign({ issuerPrivateKey: asked.issuer_key, issuerCertificate: asked.chain[0], alg: algOf(asked.issuer_key) }, ctx)
    return { issuer_signed: issuerSigned(new animo.MDoc([signed]).encode()), doctype: asked.doctype, holder_key: asked.holder_key }
  },

  async present(asked) {
    const ctx = context(asked.seed, 0)
    const response = animo.DeviceResponse.from(responseOf(asked)).usingPresentationDefinition(definition(asked)).usingSessionTranscriptBytes(transcript(asked))
    if (asked.auth === 'mac') response.authenticateWithMAC(asked.holder_key, publicJwk(asked.reader_key), 'HS256')
    else response.authenticateWithSignature(asked.holder_key, algOf(asked.holder_key))
    return { device_response: hex((await response.sign(ctx)).encode()), doctype: asked.doctype }
  },

  async verify(asked) {
    const checks = []
    const onCheck = (check) => checks.push(check)
    const ctx = context(undefined, asked.at)
    const common = { trustedCertificates: asked.roots, now: new Date(asked.at * 1000) }
    const verifier = new animo.Verifier()
    let found
    if (asked.session_transcript) {
      found = await verifier.verifyDeviceResponse(
        { ...common, encodedDeviceResponse: responseOf(asked), encodedSessionTranscript: transcript(asked), ephemeralReaderKey: asked.reader_key, onCheck },
        ctx,
      )
    } else {
      found = animo.parseDeviceResponse(responseOf(asked))
      for (const document of found.documents) {
        await verifier.verifyIssuerSignature({ ...common, issuerAuth: document.issuerSigned.issuerAuth, disableCertificateChainValidation: false, onCheckG: onCheck }, ctx)
        await verifier.verifyData({ mdoc: document, onCheckG: onCheck }, ctx)
      }
    }
    refuse(checks)
    const claims = {}
    for (const document of found.documents) Object.assign(claims, fromCbor(document.allIssuerSignedNamespaces, animo.DateOnly))
    return { claims }
  },
}

export const drivers = [auth0Driver, animoDriver]
