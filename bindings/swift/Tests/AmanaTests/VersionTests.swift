import Amana
import XCTest

final class VersionTests: XCTestCase {
    func testTheNativeLibraryHasTheWorkspacesVersion() throws {
        let expected = try XCTUnwrap(ProcessInfo.processInfo.environment["AMANA_VERSION"])
        XCTAssertEqual(version(), expected)
    }
}
