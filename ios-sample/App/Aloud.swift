import AVFoundation
import AmanaScreens

/// The phone's own voice, where it has one for the language.
@MainActor
final class Aloud {
    private let voice = AVSpeechSynthesizer()

    func say(_ text: String, _ language: Language) {
        stop()
        let said = AVSpeechUtterance(string: text)
        said.voice = AVSpeechSynthesisVoice(language: language.rawValue)
        voice.speak(said)
    }

    /// Silent at once: nobody beside may go on listening to a page that is gone.
    func stop() { voice.stopSpeaking(at: .immediate) }
}
