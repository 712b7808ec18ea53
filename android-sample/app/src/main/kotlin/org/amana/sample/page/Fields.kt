package org.amana.sample.page

import org.amana.Claims
import org.json.JSONObject

/** What a card says under a name: one field, or those of a group. */
internal fun fields(claims: Claims, path: String): List<Block> {
    val bytes = claims.bytes(path)
    if (bytes != null) return listOf(Block.Picture(bytes, Say.field(path)))
    val text = claims.text(path) ?: return listOf()
    val group = text.takeIf { it.startsWith("{") }?.let { runCatching { JSONObject(it) }.getOrNull() }
    if (group == null) return listOf(Block.Field(Say.field(path), Say.text(text)))
    return group.keys().asSequence().toList().flatMap { fields(claims, "$path.$it") }
}
