package org.amana.sample.check

/** How many were served and how many not, day by day: numbers, and nothing of anybody. */
internal class Tally(private val shelf: Shelf) {
    enum class Kind { ACCEPTED, EXCEPTION, REFUSED, DECLINED }

    fun count(day: String, kind: Kind) {
        val counts = of(day).toMutableMap()
        counts[kind] = counts.getValue(kind) + 1
        val line = day + Kind.entries.joinToString("") { " ${counts.getValue(it)}" }
        shelf.write(NAME, (lines().filter { !it.startsWith(day) } + line).joinToString("\n").encodeToByteArray())
    }

    fun of(day: String): Map<Kind, Int> {
        val numbers = lines().find { it.startsWith("$day ") }?.split(" ")?.drop(1).orEmpty()
        return Kind.entries.associateWith { numbers.getOrNull(it.ordinal)?.toIntOrNull() ?: 0 }
    }

    private fun lines() = shelf.read(NAME)?.decodeToString()?.lines().orEmpty().filter { it.isNotBlank() }

    private companion object {
        const val NAME = "tally"
    }
}
