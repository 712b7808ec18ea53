import Foundation

/// How many were served and how many not, day by day: numbers, and nothing of anybody.
@ModelActor
final class Tally {
    enum Kind: CaseIterable, Sendable { case accepted, exception, refused, declined }

    private static let name = "tally"

    private let shelf: any Shelf

    nonisolated init(_ shelf: any Shelf) { self.shelf = shelf }

    func count(_ day: String, _ kind: Kind) throws {
        var counts = try of(day)
        counts[kind, default: 0] += 1
        let line = ([day] + Kind.allCases.map { String(counts[$0, default: 0]) }).joined(separator: " ")
        let others = try lines().filter { !$0.hasPrefix("\(day) ") }
        try shelf.write(Self.name, Data((others + [line]).joined(separator: "\n").utf8))
    }

    func of(_ day: String) throws -> [Kind: Int] {
        let line = try lines().first { $0.hasPrefix("\(day) ") } ?? ""
        let numbers = line.split(separator: " ").dropFirst().map { Int($0) ?? 0 }
        return Dictionary(uniqueKeysWithValues: zip(Kind.allCases, numbers))
    }

    private func lines() throws -> [String] {
        String(decoding: try shelf.read(Self.name) ?? Data(), as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
