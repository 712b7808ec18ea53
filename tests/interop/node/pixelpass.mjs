// @mosip/pixelpass: CBOR, zlib and base45, without any signature.

import pixelpass from '@mosip/pixelpass'
import { fromCbor } from './common.mjs'

export const drivers = [
  {
    name: '@mosip/pixelpass',
    formats: ['claim169'],

    /** `message`: the hex of a signed CWT, as its callers hand it over; else `named` claims with a `mapper`, unsigned. */
    async issue(asked) {
      if (asked.message) return { token: pixelpass.generateQRData(asked.message) }
      if (asked.mapper) return { message: Buffer.from(pixelpass.getMappedData(asked.named, asked.mapper, true)).toString('hex') }
      return { token: pixelpass.generateQRData(JSON.stringify(asked.named)) }
    },

    async verify(asked) {
      if (asked.message) return { claims: fromCbor(pixelpass.decodeMappedData(Buffer.from(asked.message, 'hex'), asked.mapper)), unchecked: ['signature'] }
      const said = pixelpass.decode(asked.token)
      return { claims: said, unchecked: ['signature'] }
    },
  },
]
