// Drives independent programs on the JVM: `PeerKt <verb>`, one JSON object on stdin, one on stdout.
// Verbs: programs, issue, present, verify; `serve` answers an object with a `verb` on each line. ../README.md has the fields.

import java.io.PrintStream
import java.util.Properties
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import kotlinx.serialization.json.put

/** A program's word, or its driver's, that it does not accept. */
class Refused(why: String) : Exception(why)

/** A program cannot do this. */
class Unsupported(why: String) : Exception(why)

interface Driver {
    val name: String
    val formats: List<String>

    suspend fun issue(asked: JsonObject): JsonObject = throw Unsupported("$name has no issue")

    suspend fun present(asked: JsonObject): JsonObject = throw Unsupported("$name has no present")

    suspend fun verify(asked: JsonObject): JsonObject = throw Unsupported("$name has no verify")
}

fun JsonObject.text(field: String): String = getValue(field).jsonPrimitive.content

fun JsonObject.textOrNull(field: String): String? = (get(field) as? JsonPrimitive)?.takeIf { it !is JsonNull }?.content

fun JsonObject.number(field: String): Long = getValue(field).jsonPrimitive.long

fun JsonObject.entry(field: String): JsonObject = getValue(field).jsonObject

fun JsonObject.items(field: String): List<JsonElement> = get(field)?.jsonArray ?: emptyList()

fun JsonObject.algorithm(): String = if (text("kty") == "OKP") "EdDSA" else "ES256"

fun JsonObject.withoutSecret() = JsonObject(filterKeys { it != "d" })

private val drivers = listOf(Multipaz, MultipazSdJwt, MultipazStatus, EudiSdJwt, PixelPassJar).groupBy { it.name }

private suspend fun answer(verb: String, asked: JsonObject): JsonObject {
    if (verb == "programs") return programs()
    val program = asked.text("program")
    val format = asked.text("format")
    val driver = drivers[program]?.find { format in it.formats } ?: throw Unsupported("$program has no $format")
    return when (verb) {
        "issue" -> driver.issue(asked)
        "present" -> driver.present(asked)
        "verify" -> JsonObject(mapOf("ok" to JsonPrimitive(true), "why" to JsonPrimitive("")) + driver.verify(asked))
        else -> throw Unsupported(verb)
    }
}

private fun programs(): JsonObject {
    val versions = Properties().apply { load(Driver::class.java.getResourceAsStream("/versions.properties")) }
    return buildJsonObject {
        for ((name, parts) in drivers) {
            put(name, buildJsonObject {
                put("version", versions.getProperty(name))
                put("formats", JsonArray(parts.flatMap { it.formats }.map { JsonPrimitive(it) }))
            })
        }
    }
}

private suspend fun one(verb: String, asked: JsonObject): JsonObject =
    try {
        answer(verb, asked)
    } catch (error: Unsupported) {
        buildJsonObject { put("unsupported", error.message) }
    } catch (error: Throwable) { // A program's refusal has whatever type that program chose.
        if (System.getenv("INTEROP_TRACE") != null) error.printStackTrace()
        val why = generateSequence(error) { it.cause }.joinToString("; ") { "${it::class.simpleName}: ${it.message}" }
        if (verb == "verify") {
            buildJsonObject { put("ok", false); put("claims", JsonNull); put("why", why) }
        } else {
            buildJsonObject { put("failed", why) }
        }
    }

fun main(arguments: Array<String>) {
    // Programs that print must not spoil the answer.
    val out = PrintStream(java.io.FileOutputStream(java.io.FileDescriptor.out), true, "UTF-8")
    System.setOut(System.err)
    val verb = arguments[0]
    runBlocking {
        if (verb == "serve") {
            for (line in generateSequence(::readLine)) {
                val asked = Json.parseToJsonElement(line).jsonObject
                out.println(one(asked.text("verb"), asked))
            }
        } else {
            val input = System.`in`.readBytes().decodeToString().ifBlank { "{}" }
            out.println(one(verb, Json.parseToJsonElement(input).jsonObject))
        }
    }
    System.exit(0)
}
