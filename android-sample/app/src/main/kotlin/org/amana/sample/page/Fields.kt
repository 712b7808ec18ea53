package org.amana.sample.page

import org.amana.Claims
import org.json.JSONObject

/** What a card says under a name: one field, or those of a group. */
internal fun fields(claims: Claims, path: String): List<Block> {
    val bytes = claims.bytes(path)
    if (bytes != null) return listOf(Block.Picture(bytes, Say.field(path)))
    val text = claims.text(path) ?: return listOf()
    val group = text.takeIf { it.startsWith("{") }?.let { runCatching { JSONObject(it) }.getOrNull() }
    val inside = group?.keys()?.asSequence()?.sorted()?.toList().orEmpty().flatMap { fields(claims, "$path.$it") }
    // Also a text that only looks like a group.
    return inside.ifEmpty { listOf(Block.Field(Say.field(path), Say.text(text))) }
}

/** Everything that a card says, in the same order every time. */
internal fun fields(claims: Claims): List<Block> = claims.names().sorted().flatMap { fields(claims, it) }
