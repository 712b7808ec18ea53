//! What the vault withstands from outside: attacks that take processes, full disks, failing disks, or a look into
//! another process. Each test's name begins with the point of `docs/threats.md` that it carries out; those that see the
//! vault from inside are in `core/src/vault/tests/`.
//!
//! | file | attack |
//! |---|---|
//! | `crash` | kill -9 at any moment |
//! | `faults` | every call that writes fails, or is the last |
//! | `disk` | a full disk, a read-only disk, folder or file |
//! | `together` | many processes and threads at once |
//! | `memory` | a look at the whole process image |
//! | `frozen` | stores that earlier builds made |
//! | `replaced` | something else in the file's place |
//! | `schema` | the file is as `docs/vault.md` says |
//!
//! `child` starts the processes, `life` says what a vault should hold. Linux alone has what most of it takes: `strace`,
//! namespaces (`unshare`) and `/proc`. Where one is missing the test fails and says so.

mod child;
#[cfg(unix)]
mod crash;
#[cfg(target_os = "linux")]
mod disk;
#[cfg(target_os = "linux")]
mod faults;
mod frozen;
mod life;
#[cfg(target_os = "linux")]
mod memory;
mod replaced;
mod schema;
#[cfg(unix)]
mod together;

use std::alloc::System;
use zeroizing_alloc::ZeroAlloc;

/// The phone library's allocator: `memory` says what it is for.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);
