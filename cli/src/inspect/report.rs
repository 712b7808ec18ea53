//! What was found out about one input.

use crate::exit::{Exit, Fault};
use crate::output::{Ink, Output};
use crate::wallet::flatten;
use amana_core::credential::{ClaimName, Claims, Credential, Value, to_json};
use amana_core::crypto::{Algorithm, PublicKey};
use amana_core::error::{Error, Result};
use amana_core::trust::{IssuerKey, Signed};
use serde_json::{Map, Value as Json, json};
use std::path::Path;

use super::Context;

/// Whether the issuer's signature holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signature {
    Valid,
    Invalid,
    /// There is none to be seen.
    #[default]
    Absent,
    /// None of the keys at hand is its signer's.
    NoKey,
    /// By an algorithm that Amana does not verify.
    Unsupported,
}

/// Whether the holder's proof holds, as far as it can be told without the challenge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proof {
    Valid,
    Invalid,
    /// There is none to be seen.
    #[default]
    Absent,
    /// More is needed than what is here.
    Unchecked,
}

impl Signature {
    fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Absent => "absent",
            Self::NoKey => "no-key",
            Self::Unsupported => "unsupported",
        }
    }
}

impl Proof {
    fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Absent => "absent",
            Self::Unchecked => "unchecked",
        }
    }
}

/// What was found out.
#[derive(Debug, Default)]
pub struct Report {
    /// What it is, where it is anything known.
    pub format: Option<&'static str>,
    /// The signature of whoever made it.
    pub signature: Signature,
    /// The signature of whoever holds it.
    pub proof: Proof,
    /// What it says, signed or not.
    pub claims: Option<Map<String, Json>>,
    errors: Vec<(&'static str, Exit)>,
}

impl Report {
    /// Of what is known to be of this format.
    pub fn of(format: &'static str) -> Self {
        Self { format: Some(format), ..Self::default() }
    }

    /// Of an input that could not be read at all.
    pub fn of_fault(fault: &Fault) -> Self {
        let mut report = Self::default();
        report.note(fault.code, fault.exit());
        report.errors.extend(fault.reason.map(|reason| (reason, fault.exit())));
        report
    }

    /// Writes an error down, by its code and its finer word.
    pub fn fail(&mut self, error: &Error) {
        let exit = Fault::from(error.clone()).exit();
        self.note(error.code(), exit);
        error.reason().into_iter().for_each(|reason| self.note(reason, exit));
    }

    /// Writes a finding down that is no error of the core's.
    pub fn note(&mut self, code: &'static str, exit: Exit) {
        if self.errors.iter().all(|(known, _)| *known != code) {
            self.errors.push((code, exit));
        }
    }

    /// Writes down whether a card's issuer signed it, as far as anybody is believed here.
    pub fn check_signer(&mut self, card: &dyn Credential, context: &Context) {
        let (_, signed) = context.believed.signer_of(card, context.at);
        self.note_signed(signed, card.algorithm());
        if signed == Signed::UnknownKey && !card.is_signed() {
            self.signature = Signature::Absent;
        }
    }

    /// The same for a message, by the keys at hand that can be the signer's: those of a bundle, and those on the command line.
    pub fn check_signature(
        &mut self,
        algorithm: Option<Algorithm>,
        kid: Option<&[u8]>,
        context: &Context,
        believed: &[&IssuerKey],
        verify: impl Fn(&PublicKey) -> Result<()>,
    ) {
        let signed = context.believed.signed(algorithm, kid, believed, verify);
        self.note_signed(signed, algorithm);
    }

    fn note_signed(&mut self, signed: Signed, algorithm: Option<Algorithm>) {
        self.signature = match signed {
            Signed::By { .. } => Signature::Valid,
            Signed::Not { .. } => Signature::Invalid,
            Signed::UnknownKey if algorithm.is_none() => Signature::Unsupported,
            Signed::UnknownKey => Signature::NoKey,
        };
        match signed {
            // What it signed can no longer be told from what a thief signed.
            Signed::By { retired: Some(_) } => self.note("retired-key", Exit::CannotCheck),
            Signed::Not { why } => self.fail(&Error::Untrusted { reason: why }),
            _ => {}
        }
    }

    /// Writes down whether the holder's signature holds.
    pub fn check_proof(&mut self, verified: Result<()>) {
        self.proof = match verified {
            Ok(()) => Proof::Valid,
            Err(Error::Untrusted { reason: "algorithm-unsupported" | "binding-unknown" }) => Proof::Unchecked,
            Err(Error::Untrusted { reason: "proof-missing" }) => Proof::Absent,
            Err(_) => Proof::Invalid,
        };
        if self.proof == Proof::Invalid {
            self.note("holder-proof-invalid", Exit::Refused);
        }
    }

    /// Writes down where claims with dates are out of them.
    pub fn check_dates(&mut self, claims: &Claims, at: i64) {
        use amana_core::cose::cwt::claim;
        let date = |label: i64| match claims.value(&ClaimName::Int(label)) {
            Some(Value::Int(seconds)) => Some(*seconds),
            Some(Value::Float(seconds)) => Some(seconds.floor() as i64),
            _ => None,
        };
        self.check_validity(date(claim::NBF), date(claim::EXP), at);
    }

    /// The same for dates that were read already.
    pub fn check_validity(&mut self, not_before: Option<i64>, expires: Option<i64>, at: i64) {
        if expires.is_some_and(|expires| at >= expires) {
            self.note("expired", Exit::Refused);
        }
        if not_before.is_some_and(|not_before| at < not_before) {
            self.note("not-yet-valid", Exit::Refused);
        }
    }

    /// Writes down what it says.
    pub fn says(&mut self, claims: &Claims) -> &mut Map<String, Json> {
        self.claims.insert(to_json(claims))
    }

    /// How a command that found this ends.
    pub fn exit(&self) -> Exit {
        let signature = match self.signature {
            Signature::Valid => Exit::Done,
            Signature::Invalid => Exit::Refused,
            Signature::Absent | Signature::NoKey | Signature::Unsupported => Exit::CannotCheck,
        };
        let proof = match self.proof {
            Proof::Valid | Proof::Absent => Exit::Done,
            Proof::Invalid => Exit::Refused,
            Proof::Unchecked => Exit::CannotCheck,
        };
        self.errors.iter().map(|(_, exit)| *exit).fold(signature.max(proof), Exit::max)
    }

    /// The stable form.
    pub fn to_json(&self) -> Json {
        json!({
            "format": self.format,
            "signature": self.signature.word(),
            "holder_proof": self.proof.word(),
            "claims": self.claims,
            "errors": self.errors.iter().map(|(code, _)| code).collect::<Vec<_>>(),
        })
    }

    /// The same for a person.
    pub fn describe(&self, out: &Output, name: &Path) -> String {
        let ink = match self.exit() {
            Exit::Done => Ink::Good,
            Exit::CannotCheck => Ink::Warn,
            _ => Ink::Bad,
        };
        let format = out.ink(Ink::Bold, self.format.unwrap_or("unknown"));
        let mut lines = vec![format!("{}: {format}", name.display())];
        let checks = format!("signature {}, holder's proof {}", self.signature.word(), self.proof.word());
        lines.push(format!("  {}", out.ink(ink, checks)));
        if !self.errors.is_empty() {
            let errors: Vec<_> = self.errors.iter().map(|(code, _)| *code).collect();
            lines.push(format!("  {}", out.ink(ink, format!("errors: {}", errors.join(", ")))));
        }
        let claims = self.claims.iter().flat_map(flatten);
        lines.extend(claims.map(|(path, value)| format!("  {path:<32} {value}")));
        lines.join("\n")
    }
}
