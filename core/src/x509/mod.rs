//! X.509 certificates (RFC 5280), as far as signers of cards and readers need them, with no network.
//!
//! | you want to | use |
//! |---|---|
//! | read a certificate, or a file of them | [`Certificate::parse`], [`Certificate::parse_pem`] |
//! | know whether a signer's chain leads to a certificate that you were given | [`verify_chain`] |
//! | make a root and a signer's certificate (feature `issuer`) | `make_root`, `make_signer` |
//!
//! Keys on P-256, P-384 and Ed25519; signatures ES256, ES384 and Ed25519, each with the curve it is named after. RSA,
//! Brainpool and P-521 are `untrusted` (`algorithm-unsupported`). Revocation lists are not read: they need a network, and
//! a card's own status says more. Times are Unix seconds. Whoever fills a bundle of roots decides whom to believe; the
//! certificates in it are believed as they stand, by equality.
//!
//! ```text
//! Certificate::parse (x5chain, signer first) ──► verify_chain(chain, roots, moment, profile) ──► Trusted { root, expires }
//! ```

mod certificate;
mod chain;
mod der;
#[cfg(feature = "issuer")]
mod make;

pub use certificate::Certificate;
pub use chain::{MAX_CHAIN, Profile, Trusted, verify_chain};
#[cfg(feature = "issuer")]
pub use make::{CertificateDraft, make_root, make_signer};
