@testable import AmanaScreens
import Foundation

/// A picture of a code as a screen has it, quiet zone included: grey levels, uncompressed, in PNG (RFC 2083).
func png(_ modules: Modules, pixels: Int = 4) -> Data {
    let side = modules.fullWidth * pixels
    var rows = Data(capacity: side * (side + 1))
    for y in 0..<side {
        // Each row begins with its filter: none.
        rows.append(0)
        for x in 0..<side { rows.append(modules.isDark(x / pixels, y / pixels) ? 0 : 255) }
    }
    var picture = Data([0x89]) + Data("PNG\r\n".utf8) + Data([0x1a, 0x0a])
    // Eight bits of grey, and nothing out of the ordinary.
    picture += chunk("IHDR", big(UInt32(side)) + big(UInt32(side)) + Data([8, 0, 0, 0, 0]))
    picture += chunk("IDAT", stored(rows))
    picture += chunk("IEND", Data())
    return picture
}

private func chunk(_ name: String, _ content: Data) -> Data {
    let named = Data(name.utf8) + content
    return big(UInt32(content.count)) + named + big(crc32(named))
}

/// A zlib stream of blocks that are stored as they are (RFC 1950, RFC 1951 section 3.2.4).
private func stored(_ content: Data) -> Data {
    let largest = 0xffff
    var stream = Data([0x78, 0x01])
    for start in stride(from: 0, to: content.count, by: largest) {
        let end = min(start + largest, content.count)
        let length = UInt16(end - start)
        stream.append(end == content.count ? 1 : 0)
        for number in [length, ~length] { stream += [UInt8(number & 0xff), UInt8(number >> 8)] }
        stream += content[start..<end]
    }
    return stream + big(adler32(content))
}

private func crc32(_ content: Data) -> UInt32 {
    ~content.reduce(~0) { crc, byte in
        (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? (crc >> 1) ^ 0xedb8_8320 : crc >> 1 }
    }
}

private func adler32(_ content: Data) -> UInt32 {
    let (low, high) = content.reduce((1, 0) as (UInt32, UInt32)) { sums, byte in
        let low = (sums.0 + UInt32(byte)) % 65_521
        return (low, (sums.1 + low) % 65_521)
    }
    return high << 16 | low
}

private func big(_ number: UInt32) -> Data { Data([24, 16, 8, 0].map { UInt8(number >> $0 & 0xff) }) }
