// eudi-lib-jvm-sdjwt-kt: the EU wallet's SD-JWT library, over Nimbus.

import com.nimbusds.jose.JOSEObjectType
import com.nimbusds.jose.JWSAlgorithm
import com.nimbusds.jose.JWSSigner
import com.nimbusds.jose.JWSVerifier
import com.nimbusds.jose.crypto.ECDSASigner
import com.nimbusds.jose.crypto.ECDSAVerifier
import com.nimbusds.jose.crypto.Ed25519Signer
import com.nimbusds.jose.crypto.Ed25519Verifier
import com.nimbusds.jose.jwk.AsymmetricJWK
import com.nimbusds.jose.jwk.ECKey
import com.nimbusds.jose.jwk.JWK
import com.nimbusds.jose.jwk.OctetKeyPair
import eu.europa.ec.eudi.sdjwt.DefaultSdJwtOps
import eu.europa.ec.eudi.sdjwt.Disclosable
import eu.europa.ec.eudi.sdjwt.DisclosableArray
import eu.europa.ec.eudi.sdjwt.DisclosableElement
import eu.europa.ec.eudi.sdjwt.DisclosableObject
import eu.europa.ec.eudi.sdjwt.DisclosableValue
import eu.europa.ec.eudi.sdjwt.KeyBindingVerifier
import eu.europa.ec.eudi.sdjwt.MinimumDigests
import eu.europa.ec.eudi.sdjwt.NimbusSdJwtOps
import eu.europa.ec.eudi.sdjwt.SdJwt
import eu.europa.ec.eudi.sdjwt.SdJwtFactory
import eu.europa.ec.eudi.sdjwt.vc.ClaimPath
import java.util.Date
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.put

object EudiSdJwt : Driver {
    override val name = "eudi-lib-jvm-sdjwt-kt"
    override val formats = listOf("sd-jwt", "sd-jwt-vc")

    override suspend fun issue(asked: JsonObject): JsonObject {
        val issuer = asked.entry("issuer_key")
        val holder = asked["holder_key"] as? JsonObject
        val bound = holder?.let { asked.entry("claims") + ("cnf" to JsonObject(mapOf("jwk" to it.withoutSecret()))) }
        val paths = asked.items("disclosable").map { path -> path.jsonArray.map { it.jsonPrimitive.content } }.toSet()
        val decoys = (asked["decoys"]?.jsonPrimitive?.int ?: 0).takeIf { it > 0 }?.let { MinimumDigests(it + 2) }
        val type = if (asked.text("format") == "sd-jwt-vc") "dc+sd-jwt" else "example+sd-jwt"
        val maker = NimbusSdJwtOps.issuer(SdJwtFactory(fallbackMinimumDigests = decoys), issuer.signer(), issuer.jws()) {
            type(JOSEObjectType(type))
        }
        val made = maker.issue(marked(JsonObject(bound ?: asked.entry("claims")), paths, emptyList())).getOrThrow()
        return buildJsonObject {
            put("token", with(NimbusSdJwtOps) { made.serialize() })
            put("issuer_key", issuer)
            holder?.let { put("holder_key", it) }
        }
    }

    override suspend fun present(asked: JsonObject): JsonObject {
        val held = DefaultSdJwtOps.unverifiedIssuanceFrom(asked.text("token")).getOrThrow()
        val wanted = asked.items("disclose").map { path -> claimPath(path.jsonArray) }.toSet()
        // An empty question would disclose everything.
        val shown = with(DefaultSdJwtOps) { if (wanted.isEmpty()) SdJwt(held.jwt, emptyList()) else held.present(wanted) }
            ?: throw Refused("nothing of that is held")
        val holder = asked["holder_key"] as? JsonObject
        val token = with(DefaultSdJwtOps) {
            if (holder == null) {
                shown.serialize()
            } else {
                shown.serializeWithKeyBinding(NimbusSdJwtOps.kbJwtIssuer(holder.signer(), holder.jws(), holder.key() as AsymmetricJWK) {
                    audience(asked.text("audience"))
                    claim("nonce", asked.text("nonce"))
                    issueTime(Date(asked.number("iat") * 1000))
                }).getOrThrow()
            }
        }
        return buildJsonObject { put("token", token) }
    }

    override suspend fun verify(asked: JsonObject): JsonObject {
        val issuer = asked.entry("issuer_key").withoutSecret()
        val token = asked.text("token")
        val claims = with(NimbusSdJwtOps) {
            val signature = issuer.verifier().asJwtVerifier()
            if (asked.textOrNull("nonce") == null) {
                verify(signature, token).getOrThrow().recreateClaims(null)
            } else {
                val challenge = buildJsonObject { put("aud", asked.text("audience")); put("nonce", asked.text("nonce")) }
                val binding = KeyBindingVerifier.mustBePresentAndValid(HolderPubKeyInConfirmationClaim, challenge)
                verify(signature, binding, token).getOrThrow().sdJwt.recreateClaims(null)
            }
        }
        return buildJsonObject {
            put("claims", claims)
            put("unchecked", JsonArray(listOf("exp", "nbf", "typ", "vct", "kb iat").map { JsonPrimitive(it) }))
        }
    }
}

private fun claimPath(path: JsonArray): ClaimPath {
    var made = ClaimPath.claim(path.first().jsonPrimitive.content)
    for (step in path.drop(1)) made = step.jsonPrimitive.let { if (it.isString) made.claim(it.content) else made.arrayElement(it.int) }
    return made
}

/** The claims, with the keys and elements at `paths` marked as disclosable. */
private fun marked(claims: JsonObject, paths: Set<List<String>>, here: List<String>): DisclosableObject =
    DisclosableObject(claims.mapValues { (key, value) -> element(value, paths, here + key) }, null)

private fun element(value: JsonElement, paths: Set<List<String>>, here: List<String>): DisclosableElement {
    val parts = paths.any { it.size > here.size && it.subList(0, here.size) == here }
    val inner = when {
        !parts -> DisclosableValue.Json(value)
        value is JsonObject -> DisclosableValue.Obj(marked(value, paths, here))
        value is JsonArray -> DisclosableValue.Arr(DisclosableArray(value.mapIndexed { at, item -> element(item, paths, here + at.toString()) }, null))
        else -> DisclosableValue.Json(value)
    }
    return DisclosableElement(if (here in paths) Disclosable.Selectively else Disclosable.Always, inner)
}

private fun JsonObject.key(): JWK = JWK.parse(toString())

private fun JsonObject.jws(): JWSAlgorithm = JWSAlgorithm.parse(algorithm())

private fun JsonObject.signer(): JWSSigner =
    when (val key = key()) {
        is OctetKeyPair -> Ed25519Signer(key)
        else -> ECDSASigner(key as ECKey)
    }

private fun JsonObject.verifier(): JWSVerifier =
    when (val key = key()) {
        is OctetKeyPair -> Ed25519Verifier(key)
        else -> ECDSAVerifier(key as ECKey)
    }
