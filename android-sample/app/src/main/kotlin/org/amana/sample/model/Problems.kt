package org.amana.sample.model

import java.io.IOException
import org.amana.AmanaException
import org.amana.HostException
import org.amana.sample.page.Say
import org.amana.sample.page.Word

/** A person's slip, with the sentence that says it. */
internal class Slip(val word: Word) : Exception()

/** What people are told when something fails: what it is, and what to do next. */
internal object Problems {
    fun say(error: Throwable): Say = when (error) {
        is AmanaException.Damaged -> Say(Word.PROBLEM_DAMAGED)
        is AmanaException.Foreign -> Say(Word.PROBLEM_FOREIGN)
        is AmanaException.TooNew -> Say(Word.PROBLEM_TOO_NEW)
        is AmanaException.NotForMe -> Say(Word.PROBLEM_NOT_FOR_ME)
        is AmanaException.TooLarge -> Say(Word.PROBLEM_TOO_LARGE)
        is AmanaException.Untrusted -> Say(Word.PROBLEM_UNTRUSTED)
        is AmanaException.Invalid -> invalid(error)
        is AmanaException.NotFound -> Say(Word.PROBLEM_NOT_FOUND)
        is AmanaException.AlreadyExists -> Say(Word.PROBLEM_ALREADY_EXISTS)
        is AmanaException.NotAVault -> Say(Word.PROBLEM_NOT_A_VAULT)
        is AmanaException.WrongPin -> wait(error.retryAfter) ?: Say(Word.PROBLEM_WRONG_PIN)
        is AmanaException.TooSoon -> wait(error.retryAfter) ?: Say(Word.PROBLEM_WRONG_PIN)
        is AmanaException.WrongPassphrase -> Say(Word.PROBLEM_WRONG_PASSPHRASE)
        is AmanaException.NeedMoreShares -> Say(Word.PROBLEM_NEED_MORE_SHARES, "have" to error.have, "need" to error.need)
        is AmanaException.InUse -> Say(Word.PROBLEM_IN_USE)
        is AmanaException.Storage -> Say(Word.PROBLEM_STORAGE)
        is AmanaException.Host -> host(error.failure)
        is AmanaException.AlreadyAnswered -> Say(Word.PROBLEM_ALREADY_ANSWERED)
        is AmanaException.RequestClosed -> Say(Word.PROBLEM_REQUEST_CLOSED)
        is AmanaException.AlreadyUsed -> Say(Word.PROBLEM_ALREADY_USED)
        is AmanaException.Locked -> Say(Word.PROBLEM_LOCKED)
        is AmanaException.Internal -> Say(Word.PROBLEM_INTERNAL)
        is HostException -> host(error)
        is Slip -> Say(error.word)
        is IOException -> Say(Word.PROBLEM_STORAGE)
        else -> Say(Word.PROBLEM_INTERNAL)
    }

    fun host(failure: HostException): Say = when (failure) {
        is HostException.Locked -> Say(Word.PROBLEM_HOST_LOCKED)
        is HostException.Invalidated -> Say(Word.PROBLEM_HOST_INVALIDATED)
        is HostException.Missing -> Say(Word.PROBLEM_HOST_MISSING)
        is HostException.Cancelled -> Say(Word.PROBLEM_HOST_CANCELLED)
        is HostException.Unavailable -> Say(Word.PROBLEM_HOST_UNAVAILABLE)
    }

    private fun invalid(error: AmanaException.Invalid): Say = when (error.problem.reason) {
        "pin-length" -> Say(Word.PROBLEM_PIN_LENGTH)
        "passphrase-short" -> Say(Word.PROBLEM_PASSPHRASE_SHORT)
        "biometrics" -> Say(Word.PROBLEM_BIOMETRICS)
        "nothing-chosen" -> Say(Word.PROBLEM_NOTHING_CHOSEN)
        "shares-of-two-sets" -> Say(Word.PROBLEM_SHARES_OF_TWO_SETS)
        else -> Say(Word.PROBLEM_INVALID)
    }

    private fun wait(seconds: ULong) = if (seconds > 0uL) Say(Word.PROBLEM_WAIT, "seconds" to seconds) else null
}
