import AmanaScreens
import Foundation
import SwiftUI
import UniformTypeIdentifiers

/// Files that a person chooses.
enum Files {
    /// More than any backup takes.
    private static let largest = 64 * 1024 * 1024

    static func read(_ result: Result<URL, Error>, _ block: Block.OpenFile) {
        guard case .success(let file) = result else { return block.onFail() }
        // It may lie somewhere slow: not on the thread that draws.
        DispatchQueue.global(qos: .userInitiated).async {
            let isLent = file.startAccessingSecurityScopedResource()
            defer { if isLent { file.stopAccessingSecurityScopedResource() } }
            let size = try? file.resourceValues(forKeys: [.fileSizeKey]).fileSize
            if let size, size <= largest, let bytes = try? Data(contentsOf: file) {
                block.onBytes(bytes)
            } else {
                block.onFail()
            }
        }
    }
}

/// A file that is handed out.
struct Handed: FileDocument {
    static let readableContentTypes: [UTType] = [.data]

    let bytes: Data

    init(bytes: Data) { self.bytes = bytes }

    init(configuration: ReadConfiguration) throws { bytes = configuration.file.regularFileContents ?? Data() }

    func fileWrapper(configuration: WriteConfiguration) throws -> FileWrapper {
        FileWrapper(regularFileWithContents: bytes)
    }
}

/// Where an app keeps what is its own.
enum Folders {
    /// A folder whose files are there only while the phone is unlocked, and in no backup of the system's. Where it
    /// cannot be made, what is written there says so.
    static func own(_ name: String) -> URL {
        let support = FileManager.default.urls(for: .applicationSupportDirectory, in: .userDomainMask)[0]
        var folder = support.appendingPathComponent(name, isDirectory: true)
        try? FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.protectionKey: FileProtectionType.complete])
        var values = URLResourceValues()
        values.isExcludedFromBackup = true
        try? folder.setResourceValues(values)
        return folder
    }
}
