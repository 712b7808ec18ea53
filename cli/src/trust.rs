//! The trust bundle on a command line: a file, and the key by which it is believed.

use crate::code;
use crate::exit::Fault;
use crate::key::Key;
use crate::output::Output;
use amana_core::cose::Verified;
use amana_core::qr::{Kind, armour};
use amana_core::trust::{Anchor, Bundle};
use std::path::Path;

/// Reads a bundle that `anchor` must have signed. Without an anchor the bundle's own key is taken, and standard error
/// says that nobody vouched for it.
///
/// # Errors
/// As [`Bundle::verify`], and for the files.
pub fn load(out: &Output, file: &Path, anchor: Option<&Path>) -> Result<Verified<Bundle>, Fault> {
    let (_, bytes) = armour::read(&code::read(file)?, &[Kind::Bundle]).map_err(|e| Fault::from(e).within(file))?;
    let anchor = match anchor {
        Some(path) => Anchor::new(Key::load(path)?.public),
        None => {
            let (key, thumbprint) = Bundle::claimed_anchor(&bytes).map_err(|e| Fault::from(e).within(file))?;
            out.warn(&format!(
                "nobody vouched for the trust bundle {}: without --anchor it is believed by the key it names itself. \
                 Compare that key's thumbprint with its owner: {}",
                file.display(),
                thumbprint.to_text()
            ));
            Anchor::new(key)
        }
    };
    Bundle::verify(&bytes, &anchor).map_err(|e| Fault::from(e).within(file))
}
