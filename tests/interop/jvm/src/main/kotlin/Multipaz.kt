// Multipaz: mdoc, and its own SD-JWT and status lists.

@file:OptIn(kotlin.time.ExperimentalTime::class)

import kotlin.io.encoding.Base64
import kotlin.random.Random
import kotlin.time.Instant
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.longOrNull
import kotlinx.serialization.json.put
import org.multipaz.cbor.Bstr
import org.multipaz.cbor.Cbor
import org.multipaz.cbor.CborArray
import org.multipaz.cbor.CborMap
import org.multipaz.cbor.CborInt
import org.multipaz.cbor.DataItem
import org.multipaz.cbor.Simple
import org.multipaz.cbor.Tagged
import org.multipaz.cbor.Tstr
import org.multipaz.cbor.toDataItem
import org.multipaz.cose.Cose
import org.multipaz.cose.toCoseLabel
import org.multipaz.crypto.Algorithm
import org.multipaz.crypto.AsymmetricKey
import org.multipaz.crypto.EcPrivateKey
import org.multipaz.crypto.EcPublicKey
import org.multipaz.crypto.JsonWebSignature
import org.multipaz.crypto.X509Cert
import org.multipaz.crypto.X509CertChain
import org.multipaz.mdoc.devicesigned.buildDeviceNamespaces
import org.multipaz.mdoc.issuersigned.IssuerNamespaces
import org.multipaz.mdoc.issuersigned.buildIssuerNamespaces
import org.multipaz.mdoc.mso.MobileSecurityObject
import org.multipaz.mdoc.response.DeviceResponse
import org.multipaz.request.MdocRequestedClaim
import org.multipaz.revocation.StatusList
import org.multipaz.sdjwt.SdJwt
import org.multipaz.sdjwt.SdJwtKb

object Multipaz : Driver {
    override val name = "multipaz"
    override val formats = listOf("mdoc")

    override suspend fun issue(asked: JsonObject): JsonObject {
        val issuer = asked.entry("issuer_key")
        val digest = if (asked.textOrNull("digest") == "SHA-512") Algorithm.SHA512 else if (asked.textOrNull("digest") == "SHA-384") Algorithm.SHA384 else Algorithm.SHA256
        val random = asked.textOrNull("seed")?.let { Random(it.hashCode()) } ?: Random.Default
        val spaces = buildIssuerNamespaces(32, random) {
            for ((space, values) in asked.entry("namespaces")) {
                addNamespace(space) { for ((element, value) in values.jsonObject) addDataElement(element, value.toCbor()) }
            }
        }
        val security = MobileSecurityObject(
            version = "1.0",
            docType = asked.text("doctype"),
            signedAt = Instant.parse(asked.text("signed")),
            validFrom = Instant.parse(asked.text("from")),
            validUntil = Instant.parse(asked.text("until")),
            expectedUpdate = null,
            digestAlgorithm = digest,
            valueDigests = spaces.getValueDigests(digest),
            deviceKey = EcPublicKey.fromJwk(asked.entry("holder_key").withoutSecret()),
        )
        val chain = X509CertChain(asked.items("chain").map { X509Cert.fromPem(it.jsonPrimitive.content) })
        val algorithm = asked.textOrNull("cose_alg")?.let { Algorithm.valueOf(it) } ?: issuer.cose()
        val signed = Cose.coseSign1Sign(
            EcPrivateKey.fromJwk(issuer),
            Cbor.encode(Tagged(Tagged.ENCODED_CBOR, Bstr(Cbor.encode(security.toDataItem())))),
            true,
            algorithm,
            mapOf(Cose.COSE_LABEL_ALG.toCoseLabel to algorithm.coseAlgorithmIdentifier!!.toDataItem()),
            mapOf(Cose.COSE_LABEL_X5CHAIN.toCoseLabel to chain.toCoseX5Chain(false)),
        )
        val document = CborMap(mutableMapOf<DataItem, DataItem>(Tstr("nameSpaces") to spaces.toDataItem(), Tstr("issuerAuth") to signed.toDataItem()))
        return buildJsonObject {
            put("issuer_signed", Cbor.encode(document).toHexString())
            put("doctype", asked.text("doctype"))
            put("holder_key", asked.entry("holder_key"))
        }
    }

    override suspend fun present(asked: JsonObject): JsonObject {
        val doctype = asked.text("doctype")
        val held = Cbor.decode(asked.text("issuer_signed").hexToByteArray())
        val wanted = asked.entry("disclose").flatMap { (space, names) ->
            names.jsonArray.map { MdocRequestedClaim(doctype, doctype, space, it.jsonPrimitive.content, false, null) }
        }
        val holder = asked.entry("holder_key")
        val mac = asked.textOrNull("auth") == "mac"
        // A key's algorithm must be fully specified here, or a signing key is taken for one that agrees.
        val algorithm = if (mac) Algorithm.ECDH_P256 else if (holder.algorithm() == "EdDSA") Algorithm.ED25519 else Algorithm.ESP256
        val builder = DeviceResponse.Builder(
            Cbor.decode(asked.text("session_transcript").hexToByteArray()),
            DeviceResponse.STATUS_OK,
            if (mac) EcPublicKey.fromJwk(asked.entry("reader_key").withoutSecret()) else null,
            "1.0",
        )
        builder.addDocument(
            doctype,
            held["issuerAuth"].asCoseSign1,
            IssuerNamespaces.fromDataItem(held["nameSpaces"]).filter(wanted),
            buildDeviceNamespaces {},
            AsymmetricKey.AnonymousExplicit(EcPrivateKey.fromJwk(holder), algorithm),
            emptyMap(),
        )
        return buildJsonObject {
            put("device_response", Cbor.encode(builder.build().toDataItem()).toHexString())
            put("doctype", doctype)
        }
    }

    override suspend fun verify(asked: JsonObject): JsonObject {
        val at = Instant.fromEpochSeconds(asked.number("at"))
        val roots = asked.items("roots").map { X509Cert.fromPem(it.jsonPrimitive.content) }
        val encoded = asked.textOrNull("device_response")
        val claims = if (encoded != null) {
            val response = DeviceResponse.fromDataItem(Cbor.decode(encoded.hexToByteArray()))
            val reader = (asked["reader_key"] as? JsonObject)?.takeIf { "d" in it }?.let { AsymmetricKey.AnonymousExplicit(EcPrivateKey.fromJwk(it), Algorithm.ECDH_P256) }
            response.verify(Cbor.decode(asked.text("session_transcript").hexToByteArray()), reader, null, null, at, false)
            response.documents.forEach { trust(it.issuerCertChain, roots, at) }
            response.documents.flatMap { it.issuerNamespaces.data.entries }
        } else {
            val held = Cbor.decode(asked.text("issuer_signed").hexToByteArray())
            val signed = held["issuerAuth"].asCoseSign1
            val chain = signed.unprotectedHeaders.getValue(Cose.COSE_LABEL_X5CHAIN.toCoseLabel).asX509CertChain
            val key = chain.certificates.first().publicKey
            val algorithm = Algorithm.fromCoseAlgorithmIdentifier(signed.protectedHeaders.getValue(Cose.COSE_LABEL_ALG.toCoseLabel).asNumber.toInt())
            Cose.coseSign1Check(key, null, signed, algorithm)
            trust(chain, roots, at)
            val security = MobileSecurityObject.fromDataItem(Cbor.decode(signed.payload!!).asTaggedEncodedCbor)
            security.validate(at).checkNoErrors()
            if (at < security.validFrom || at > security.validUntil) throw Refused("validityInfo (judged by the driver)")
            val spaces = IssuerNamespaces.fromDataItem(held["nameSpaces"])
            spaces.validateAgainstMso(security).checkNoErrors()
            spaces.data.entries.toList()
        }
        return buildJsonObject {
            put("claims", JsonObject(claims.associate { (space, items) -> space to JsonObject(items.mapValues { it.value.dataElementValue.toJsonElement() }) }))
        }
    }

    private suspend fun trust(chain: X509CertChain, roots: List<X509Cert>, at: Instant) {
        val last = chain.certificates.last()
        val root = roots.find { it.subject == last.issuer } ?: throw Refused("no trusted root")
        X509CertChain(if (last == root) chain.certificates else chain.certificates + root).validate(at)
    }
}

object MultipazSdJwt : Driver {
    override val name = "multipaz"
    override val formats = listOf("sd-jwt-vc")

    override suspend fun issue(asked: JsonObject): JsonObject {
        val paths = asked.items("disclosable").map { it.jsonArray }
        if (paths.any { it.size > 1 }) throw Unsupported("multipaz chooses itself what is disclosable within a claim")
        val names = paths.map { it.first().jsonPrimitive.content }.toSet()
        val (open, disclosable) = asked.entry("claims").entries.partition { it.key !in names }
        val holder = asked["holder_key"] as? JsonObject
        val made = SdJwt.create(
            AsymmetricKey.AnonymousExplicit(EcPrivateKey.fromJwk(asked.entry("issuer_key")), asked.entry("issuer_key").cose()),
            holder?.let { EcPublicKey.fromJwk(it.withoutSecret()) },
            JsonObject(disclosable.associate { it.key to it.value }),
            JsonObject(open.associate { it.key to it.value }),
        )
        return buildJsonObject {
            put("token", made.compactSerialization)
            put("issuer_key", asked.entry("issuer_key"))
            holder?.let { put("holder_key", it) }
        }
    }

    override suspend fun present(asked: JsonObject): JsonObject {
        val shown = SdJwt.fromCompactSerialization(asked.text("token")).filter(asked.items("disclose").map { it.jsonArray })
        val holder = asked["holder_key"] as? JsonObject ?: return buildJsonObject { put("token", shown.compactSerialization) }
        val key = AsymmetricKey.AnonymousExplicit(EcPrivateKey.fromJwk(holder), holder.cose())
        val bound = shown.present(key, asked.text("nonce"), asked.text("audience"), Instant.fromEpochSeconds(asked.number("iat")))
        return buildJsonObject { put("token", bound.compactSerialization) }
    }

    override suspend fun verify(asked: JsonObject): JsonObject {
        val issuer = EcPublicKey.fromJwk(asked.entry("issuer_key").withoutSecret())
        val token = asked.text("token")
        val at = Instant.fromEpochSeconds(asked.number("at"))
        val plain = if (asked.textOrNull("nonce") == null) SdJwt.fromCompactSerialization(token) else SdJwtKb.fromCompactSerialization(token).sdJwt
        if (plain.validUntil?.let { it < at } == true || plain.validFrom?.let { it > at } == true) throw Refused("exp or nbf (judged by the driver)")
        val claims = if (asked.textOrNull("nonce") == null) {
            plain.verify(issuer)
        } else {
            SdJwtKb.fromCompactSerialization(token).verify(issuer, { it == asked.text("nonce") }, { it == asked.text("audience") }, { true })
        }
        return buildJsonObject {
            put("claims", claims)
            put("unchecked", JsonArray(listOf("kb iat").map { JsonPrimitive(it) }))
        }
    }
}

object MultipazStatus : Driver {
    override val name = "multipaz"
    override val formats = listOf("status-list-jwt", "status-list-cwt")

    override suspend fun verify(asked: JsonObject): JsonObject {
        val issuer = EcPublicKey.fromJwk(asked.entry("issuer_key").withoutSecret())
        val at = Instant.fromEpochSeconds(asked.number("at"))
        val list = if (asked.text("format") == "status-list-jwt") {
            JsonWebSignature.verify(asked.text("token"), issuer)
            val payload = asked.text("token").split(".")[1]
            val bytes = Base64.UrlSafe.withPadding(Base64.PaddingOption.ABSENT_OPTIONAL).decode(payload)
            StatusList.fromJson(Json.parseToJsonElement(bytes.decodeToString()).jsonObject.entry("status_list"), at)
        } else {
            val item = Cbor.decode(asked.text("token").hexToByteArray())
            val signed = (if (item is Tagged) item.taggedItem else item).asCoseSign1
            val algorithm = Algorithm.fromCoseAlgorithmIdentifier(signed.protectedHeaders.getValue(Cose.COSE_LABEL_ALG.toCoseLabel).asNumber.toInt())
            Cose.coseSign1Check(issuer, null, signed, algorithm)
            StatusList.fromDataItem(Cbor.decode(signed.payload!!)[65533], at)
        }
        return buildJsonObject {
            put("status", list[asked.number("index").toInt()])
            put("unchecked", JsonArray(listOf("typ", "sub", "exp").map { JsonPrimitive(it) }))
        }
    }
}

private fun JsonObject.cose(): Algorithm = if (algorithm() == "EdDSA") Algorithm.EDDSA else Algorithm.ES256

/** JSON as in ../python/common.py, as CBOR. */
private fun JsonElement.toCbor(): DataItem = when (this) {
    is JsonArray -> CborArray(map { it.toCbor() }.toMutableList())
    is JsonNull -> Simple.NULL
    is JsonPrimitive -> if (isString) Tstr(content) else booleanOrNull?.toDataItem() ?: longOrNull?.toDataItem() ?: content.toDouble().toDataItem()
    is JsonObject -> when (keys) {
        setOf("hex") -> Bstr(text("hex").hexToByteArray())
        setOf("tag", "value") -> Tagged(number("tag"), getValue("value").toCbor())
        else -> CborMap(entries.associate { (key, value) -> (key.toLongOrNull()?.toDataItem() ?: Tstr(key)) to value.toCbor() }.toMutableMap())
    }
}

/** CBOR as that JSON. */
private fun DataItem.toJsonElement(): JsonElement = when (this) {
    is Bstr -> buildJsonObject { put("hex", asBstr.toHexString()) }
    is Tstr -> JsonPrimitive(asTstr)
    is CborInt -> JsonPrimitive(asNumber)
    is Tagged -> buildJsonObject { put("tag", tagNumber); put("value", taggedItem.toJsonElement()) }
    is CborArray -> JsonArray(items.map { it.toJsonElement() })
    is CborMap -> JsonObject(items.entries.associate { (key, value) -> (if (key is Tstr) key.asTstr else key.asNumber.toString()) to value.toJsonElement() })
    Simple.TRUE -> JsonPrimitive(true)
    Simple.FALSE -> JsonPrimitive(false)
    Simple.NULL -> JsonNull
    else -> JsonPrimitive(asDouble)
}
