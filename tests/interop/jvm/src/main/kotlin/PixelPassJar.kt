// pixelpass-jar: CBOR, zlib and base45, without any signature.

import io.mosip.pixelpass.PixelPass
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.put

object PixelPassJar : Driver {
    override val name = "pixelpass-jar"
    override val formats = listOf("claim169")

    /** `message`: the hex of a signed CWT, as its callers hand it over; else `named` claims with a `mapper`, unsigned. */
    override suspend fun issue(asked: JsonObject): JsonObject {
        val pixelpass = PixelPass()
        val message = asked.textOrNull("message")
        val mapper = (asked["mapper"] as? JsonObject)?.mapValues { it.value.jsonPrimitive.content }
        return buildJsonObject {
            when {
                message != null -> put("token", pixelpass.generateQRData(message, ""))
                mapper != null -> put("message", pixelpass.getMappedData(org.json.JSONObject(asked.entry("named").toString()), mapper, true))
                else -> put("token", pixelpass.generateQRData(asked.entry("named").toString(), ""))
            }
        }
    }

    override suspend fun verify(asked: JsonObject): JsonObject {
        val pixelpass = PixelPass()
        val message = asked.textOrNull("message")
        val said = if (message != null) {
            pixelpass.decodeMappedData(message, asked.entry("mapper").mapValues { it.value.jsonPrimitive.content })
        } else {
            pixelpass.decode(asked.text("token"))
        }
        return buildJsonObject {
            put("claims", said)
            put("unchecked", JsonArray(listOf(JsonPrimitive("signature"))))
        }
    }
}
