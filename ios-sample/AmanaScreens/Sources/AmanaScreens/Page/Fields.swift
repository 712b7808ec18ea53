import Amana
import Foundation

/// What a card says under a name: one field, or those of a group.
func fields(_ claims: Claims, _ path: String) -> [Block] {
    if let bytes = claims.bytes(path: path) { return [.picture(bytes, Say.field(path))] }
    guard let text = claims.text(path: path) else { return [] }
    let parts = names(inGroup: text).map { fields(claims, "\(path).\($0)") }
    // A text that only looks like a group, or one of whose names is in no path, is shown whole rather than not at all.
    if parts.isEmpty || parts.contains(where: \.isEmpty) {
        return [.field(label: Say.field(path), value: Say.text(text))]
    }
    return parts.flatMap { $0 }
}

/// The names in a group, which is given as JSON, in their order there.
private func names(inGroup text: String) -> [String] {
    guard text.hasPrefix("{") else { return [] }
    let group = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    return (group ?? [:]).keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}
