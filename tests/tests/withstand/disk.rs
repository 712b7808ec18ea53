//! Point 3, and wrong PINs: a disk that is full or cannot be written. Nothing that was acknowledged is lost; a PIN that
//! cannot be counted is tried after the longest waiting, and opens to read; and once the disk takes something again,
//! everything is as it was.
//!
//! The children have a mount table of their own, with a small disk in it, or no rights but their user's: what stands in
//! the way of root is nothing.

use crate::child::{command, say};
use crate::life::{FINE, KIND, content, id, read_all};
use amana_core::error::Error;
use amana_core::explain::Message;
use amana_core::vault::{Door, RecordId, Session, Vault};
use amana_core::verifier::{Decision, Judged};
use amana_core::wallet::Argon2Cost;
use amana_tests::{NOW, PURPOSE, TestClock, World, ask, host_of, pin};
use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

const PIN: &str = "482913";

#[test]
fn point_3_a_full_disk_and_a_read_only_one_lose_nothing() {
    play("fill the disk", &["unshare", "--map-root-user", "--mount", "--"]);
}

#[test]
fn point_3_a_folder_and_a_file_that_cannot_be_written_are_read() {
    // As a user that the system maps to nobody: root's rights are gone, the files are still its own.
    play("write nowhere", &["unshare", "--user", "--"]);
}

#[test]
fn point_3_where_the_disk_fills_up_under_an_open_wallet_a_card_is_shown_and_says_that_it_left_no_entry() {
    play("show on a full disk", &["unshare", "--map-root-user", "--mount", "--"]);
}

fn play(part: &str, under: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let is_lent = Command::new(under[0]).args(&under[1..]).arg("true").output().is_ok_and(|run| run.status.success());
    assert!(is_lent, "`{}` has to work here: util-linux, and leave to make namespaces", under.join(" "));
    let output = command(under, part, &[folder.path().to_str().unwrap()]).output().unwrap();
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    said.lines().filter_map(|line| line.strip_prefix("> ")).for_each(|line| println!("{line}"));
    assert!(output.status.success(), "{errors}");
}

/// A vault on a disk, and what was acknowledged.
struct Disk {
    path: PathBuf,
    clock: Arc<TestClock>,
    records: BTreeMap<RecordId, Vec<u8>>,
}

impl Disk {
    fn new(folder: &Path) -> Self {
        let disk = Self { path: folder.join("vault.amana"), clock: TestClock::at(NOW), records: BTreeMap::new() };
        let host = host_of(&disk.path, &disk.clock);
        Vault::create(&disk.path, host, Door::One, &pin(PIN), Argon2Cost::FLOOR).expect("there is room for a vault");
        disk
    }

    fn vault(&self) -> Vault {
        Vault::open(&self.path, host_of(&self.path, &self.clock)).expect("it is found")
    }

    fn unlock(&self) -> Session {
        let session = self.vault().unlock(Door::One, &pin(PIN)).expect("the door opens");
        assert_eq!((session.read_only(), session.integrity()), (None, FINE));
        session
    }

    fn put(&mut self, session: &mut Session, n: u32, len: usize) -> Result<(), Error> {
        session.write(|batch| batch.put(KIND, id(n), &content(len, n.into())))?;
        self.records.insert(id(n), content(len, n.into()));
        Ok(())
    }

    #[track_caller]
    fn check(&self, session: &mut Session) {
        assert_eq!(read_all(session).expect("readable"), self.records);
        assert_eq!(session.integrity(), FINE);
    }

    /// What anybody meets while nothing can be written: no PIN is tried for five minutes, then one, and it only reads.
    /// Returns what the disk said.
    #[track_caller]
    fn check_only_reads(&mut self) -> &'static str {
        let vault = self.vault();
        let unlock = |typed: &str| vault.unlock(Door::One, &pin(typed));
        let reason = match unlock(PIN).err() {
            Some(Error::TooSoon { retry_after: 300, reason }) => reason,
            other => panic!("{other:?}, where a PIN cannot be counted"),
        };
        self.clock.pass(299_000);
        assert_eq!(unlock(PIN).err(), Some(Error::TooSoon { retry_after: 1, reason }));
        self.clock.pass(1_000);
        // A wrong one costs as long again.
        assert_eq!(unlock("0000").err(), Some(Error::WrongPin { retry_after: 300 }));
        assert_eq!(unlock(PIN).err(), Some(Error::TooSoon { retry_after: 300, reason }));
        self.clock.pass(300_000);
        let mut session = unlock(PIN).expect("it opens to read");
        assert_eq!(session.read_only(), Some(reason));
        self.check(&mut session);
        assert_eq!(self.put(&mut session, 1, 10), Err(Error::Storage { reason }));
        self.check(&mut session);
        reason
    }

    /// Everything works again.
    #[track_caller]
    fn check_writes(&mut self) {
        let mut session = self.unlock();
        self.check(&mut session);
        self.put(&mut session, 1, 3000).expect("written");
        drop(session);
        self.check(&mut self.unlock());
    }
}

/// Takes all that is left of a disk.
fn fill(ballast: &Path) {
    let mut file = File::options().append(true).create(true).open(ballast).unwrap();
    for len in [65_536, 4096, 1] {
        while file.write_all(&vec![0; len]).is_ok() {}
    }
}

fn mount(arguments: &[&str], on: &Path) {
    let output = Command::new("mount").args(arguments).arg(on).output().expect("mount: util-linux");
    assert!(output.status.success(), "mount {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

pub fn fill_the_disk(arguments: &[String]) {
    let folder = Path::new(&arguments[0]);
    mount(&["-t", "tmpfs", "-o", "size=3m", "tmpfs"], folder);
    let (mut disk, ballast) = (Disk::new(folder), folder.join("ballast"));
    let mut session = disk.unlock();
    for n in 0..10 {
        disk.put(&mut session, n, 100 * n as usize).unwrap();
    }
    // It fills up under an open door.
    fill(&ballast);
    let refused = (10..500).find_map(|n| disk.put(&mut session, n, 20_000).err());
    assert_eq!(refused, Some(Error::Storage { reason: "disk-full" }));
    disk.check(&mut session);
    assert_eq!(disk.put(&mut session, 500, 60_000), Err(Error::Storage { reason: "disk-full" }));
    disk.check(&mut session);
    // The session itself goes on as soon as there is room.
    fs::remove_file(&ballast).unwrap();
    disk.put(&mut session, 501, 60_000).unwrap();
    fill(&ballast);
    drop(session);
    // What locking has set free is taken too.
    fill(&ballast);
    say(format!("full, then locked: {}", disk.check_only_reads()));
    let make = |path: &Path| {
        Vault::create(path, host_of(&disk.path, &disk.clock), Door::One, &pin(PIN), Argon2Cost::FLOOR).err()
    };
    assert_eq!(make(&folder.join("second.amana")), Some(Error::Storage { reason: "disk-full" }));
    let left: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("second")), "{left:?}");
    fs::remove_file(&ballast).unwrap();
    disk.check_writes();

    mount(&["-o", "remount,ro"], folder);
    say(format!("a read-only disk: {}", disk.check_only_reads()));
    mount(&["-o", "remount,rw"], folder);
    disk.check_writes();
    // The same where whoever had it open was killed: the log still holds what was acknowledged last.
    let mut session = disk.unlock();
    disk.put(&mut session, 502, 200).unwrap();
    let files = ["", "-wal", "-shm"].map(|suffix| PathBuf::from(format!("{}{suffix}", disk.path.display())));
    let open = files.clone().map(|file| fs::read(file).unwrap());
    drop(session);
    files.iter().zip(open).for_each(|(file, bytes)| fs::write(file, bytes).unwrap());
    mount(&["-o", "remount,ro"], folder);
    say(format!("a read-only disk with a log: {}", disk.check_only_reads()));
    mount(&["-o", "remount,rw"], folder);
    disk.check_writes();
}

pub fn show_on_a_full_disk(_: &[String]) {
    let small = std::env::temp_dir();
    mount(&["-t", "tmpfs", "-o", "size=3m", "tmpfs"], &small);
    let (world, ballast) = (World::new(), small.join("ballast"));
    let verifier = world.verifier();
    let show = || {
        let request = verifier.request(PURPOSE, &[ask("household.family_size")]).expect("a request");
        let incoming = world.holder.receive(request.text().as_bytes()).expect("received");
        let answer = incoming.review().expect("reviewed").respond().expect("answered");
        let judged = request.judge(answer.text().as_bytes()).expect("judged");
        assert!(matches!(judged, Judged::Verdict(verdict) if verdict.decision == Decision::Accept));
        answer.explain()
    };
    let entries = || world.holder.history().expect("a history").entries.len();
    assert_eq!((show(), entries()), (vec![], 1));
    fill(&ballast);
    // What the log has room for is still written.
    let (written, told) = (1..500).map(|written| (written, show())).find(|(_, told)| !told.is_empty()).expect("full");
    assert_eq!(told, [Message::plain("answer-unrecorded").with("reason", "disk-full")]);
    assert_eq!(entries(), written);
    let request = verifier.request(PURPOSE, &[ask("household.family_size")]).expect("a request");
    let refusal = world.holder.receive(request.text().as_bytes()).expect("received").decline().expect("declined");
    assert_eq!(refusal.explain(), told);
    fs::remove_file(&ballast).unwrap();
    assert_eq!((show(), entries()), (vec![], written + 1));
    say(format!("shown on a full disk, after {written} entries"));
}

pub fn write_nowhere(arguments: &[String]) {
    let folder = Path::new(&arguments[0]);
    let mut disk = Disk::new(folder);
    let mut session = disk.unlock();
    disk.put(&mut session, 1, 700).unwrap();
    drop(session);
    let allow = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    let path = disk.path.clone();

    allow(folder, 0o500);
    assert!(File::create(folder.join("probe")).is_err(), "the control: nothing can be written");
    say(format!("a folder that cannot be written: {}", disk.check_only_reads()));
    allow(folder, 0o700);
    disk.check_writes();

    allow(&path, 0o400);
    assert!(File::options().write(true).open(&path).is_err(), "the control: it cannot be written");
    say(format!("a file that cannot be written: {}", disk.check_only_reads()));
    allow(&path, 0o600);
    disk.check_writes();
}
