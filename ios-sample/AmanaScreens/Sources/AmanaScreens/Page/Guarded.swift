import Foundation

/// A value that the thread that draws and the models both touch. `@unchecked`: the lock guards it.
final class Guarded<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var guarded: Value

    init(_ value: Value) { guarded = value }

    var value: Value {
        get {
            lock.lock()
            defer { lock.unlock() }
            return guarded
        }
        set {
            lock.lock()
            defer { lock.unlock() }
            guarded = newValue
        }
    }
}
