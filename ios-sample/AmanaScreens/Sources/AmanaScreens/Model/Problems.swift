import Amana
import Foundation

/// A person's slip, with the sentence that says it.
struct Slip: Error {
    let word: Word

    init(_ word: Word) { self.word = word }
}

/// What people are told when something fails: what it is, and what to do next.
enum Problems {
    static func say(_ error: Error) -> Say {
        switch error {
        case let error as AmanaError: say(error)
        case let error as HostError: host(error)
        case let slip as Slip: Say(slip.word)
        case is CocoaError, is POSIXError: Say(.problemStorage)
        default: Say(.problemInternal)
        }
    }

    private static func say(_ error: AmanaError) -> Say {
        switch error {
        case .Damaged: Say(.problemDamaged)
        case .Foreign: Say(.problemForeign)
        case .TooNew: Say(.problemTooNew)
        case .NotForMe: Say(.problemNotForMe)
        case .TooLarge: Say(.problemTooLarge)
        case .Untrusted: Say(.problemUntrusted)
        case .Invalid(let problem): invalid(problem.reason)
        case .NotFound: Say(.problemNotFound)
        case .AlreadyExists: Say(.problemAlreadyExists)
        case .NotAVault: Say(.problemNotAVault)
        case .WrongPin(_, let retryAfter), .TooSoon(_, let retryAfter): wait(retryAfter) ?? Say(.problemWrongPin)
        case .WrongPassphrase: Say(.problemWrongPassphrase)
        case .NeedMoreShares(_, let have, let need): Say(.problemNeedMoreShares, ["have": have, "need": need])
        case .InUse: Say(.problemInUse)
        case .Storage: Say(.problemStorage)
        case .Host(_, let failure): host(failure)
        case .AlreadyAnswered: Say(.problemAlreadyAnswered)
        case .RequestClosed: Say(.problemRequestClosed)
        case .AlreadyUsed: Say(.problemAlreadyUsed)
        case .Locked: Say(.problemLocked)
        case .Internal: Say(.problemInternal)
        }
    }

    private static func host(_ failure: HostError) -> Say {
        switch failure {
        case .Locked: Say(.problemHostLocked)
        case .Invalidated: Say(.problemHostInvalidated)
        case .Missing: Say(.problemHostMissing)
        case .Cancelled: Say(.problemHostCancelled)
        case .Unavailable: Say(.problemHostUnavailable)
        }
    }

    private static func invalid(_ reason: String?) -> Say {
        switch reason {
        case "pin-length": Say(.problemPinLength)
        case "passphrase-short": Say(.problemPassphraseShort)
        case "biometrics": Say(.problemBiometrics)
        case "nothing-chosen": Say(.problemNothingChosen)
        case "shares-of-two-sets": Say(.problemSharesOfTwoSets)
        default: Say(.problemInvalid)
        }
    }

    private static func wait(_ seconds: UInt64) -> Say? {
        seconds > 0 ? Say(.problemWait, ["seconds": seconds]) : nil
    }
}
