//! Point 3: every call that writes fails once, or is the last one made. `strace` makes it so, from outside.

use crate::child::command;
use crate::life::{Change, Life, Liver, Step, folder_in_memory};
use amana_core::error::{Error, PortError};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The calls that change a file, its name or its folder.
const CALLS: &str = "write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,sync_file_range,ftruncate,fallocate,rename,\
                     renameat,renameat2,link,linkat,unlink,unlinkat,fchmod,fchown";
const FAULTS: [&str; 3] = ["error=ENOSPC", "error=EIO", "signal=KILL"];
const SIGKILL: i32 = 9;

/// A part of a vault's life whose calls fail, and what goes before it undisturbed.
struct Part {
    before: Vec<Step>,
    steps: Vec<Step>,
}

/// A life in which everything happens. In parts, because each of its steps is led up to hundreds of times.
fn parts() -> [Part; 3] {
    let put = |id, len, fill| Change::Put { id, len, fill };
    let text = |pin: &str| pin.to_owned();
    let create = Step::Create { pin: text("482913") };
    let write = Step::Write(vec![put(1, 100, 1), put(2, 1000, 2), put(3, 5000, 3)]);
    let change_one = Step::Write(vec![put(1, 200, 4)]);
    let change_some = Step::Write(vec![Change::Delete { id: 2 }, put(3, 100, 5)]);
    let grow = Step::Write((10..26).map(|id| put(id, 90, 6)).collect());
    let change_pin = Step::ChangePin { pin: text("770211") };
    let take_door = |pin| Step::TakeDoor { pin: text(pin) };
    let (unlock, lock) = (Step::Unlock, Step::Lock);
    [
        Part { before: vec![], steps: vec![create.clone()] },
        Part {
            before: vec![create.clone(), take_door("2222")],
            steps: vec![unlock.clone(), write.clone(), change_one, change_some, grow, lock.clone()],
        },
        Part {
            before: vec![create, take_door("2222"), unlock.clone(), write, lock.clone()],
            steps: vec![take_door("3333"), unlock, change_pin, lock],
        },
    ]
}

/// What is written after something has failed, to show that it goes on.
fn goes_on() -> Step {
    Step::Write(vec![Change::Put { id: 99, len: 50, fill: 9 }])
}

/// Calls that the child makes before anything is counted. The test harness prints from another thread, and strace counts
/// each thread's calls: so no harness makes as many.
const WARM_UP: usize = 32;

/// Takes a part's steps until one fails, and tells what came of each by making a folder: that is none of [`CALLS`], so
/// that nothing can fail in the telling.
pub fn live_through_a_fault(arguments: &[String]) {
    let [path, told, part, pin] = arguments else { panic!("a path, a folder to tell in, a part and a PIN") };
    let tell = |what: &str| fs::create_dir(Path::new(told).join(what)).expect("a folder is made");
    let mut nowhere = File::create("/dev/null").expect("nowhere");
    (0..WARM_UP).for_each(|_| nowhere.write_all(b".").expect("it takes everything"));
    tell("begin");
    let mut liver = Liver::at(Path::new(path), pin);
    for (n, step) in parts()[part.parse::<usize>().expect("a number")].steps.iter().enumerate() {
        match liver.carry_out(step) {
            Ok(()) => {
                tell(&n.to_string());
                // The disk failed after the attempt was counted: the session opens and says that it only reads.
                liver.read_only().inspect(|reason| tell(&format!("read-only {n} {reason}")));
            }
            Err(error) => {
                tell(&format!("error {}", sort(&error)));
                if liver.is_unlocked() && liver.read_only().is_none() {
                    match liver.carry_out(&goes_on()) {
                        Ok(()) => tell("goes on"),
                        Err(error) => tell(&format!("stuck {}", sort(&error))),
                    }
                }
                break;
            }
        }
    }
    drop(liver);
    tell("end");
}

/// What sort of error this is; `wrong` for one that does not say that the disk, or a file of the device, has failed.
fn sort(error: &Error) -> String {
    match error {
        Error::Storage { .. } | Error::TooSoon { .. } | Error::Host { reason: PortError::Unavailable } => {
            format!("{} {}", error.code(), error.reason().unwrap_or_default())
        }
        _ => format!("wrong {error:?}"),
    }
}

/// One fault: of the calls of this name, the one with this number.
#[derive(Clone, Debug)]
struct Fault {
    part: usize,
    call: String,
    number: usize,
    what: &'static str,
}

#[test]
fn point_3_every_call_that_writes_may_fail_or_be_the_last() {
    let folder = folder_in_memory();
    let parts = parts();
    let stages: Vec<_> = (0..parts.len()).map(|part| Stage::prepare(folder.path(), &parts[part], part)).collect();
    let faults: Vec<Fault> = stages.iter().flat_map(Stage::faults).collect();
    let (next, told, failed) = (AtomicUsize::new(0), Mutex::new(BTreeMap::<_, usize>::new()), AtomicUsize::new(0));
    // Two at a time; and one that goes wrong keeps no other from being tried.
    std::thread::scope(|scope| {
        let work = || {
            while let Some(fault) = faults.get(next.fetch_add(1, Ordering::SeqCst)) {
                match catch_unwind(AssertUnwindSafe(|| stages[fault.part].play(fault))) {
                    Ok(what) => *told.lock().unwrap().entry(what).or_default() += 1,
                    Err(_) => drop(failed.fetch_add(1, Ordering::SeqCst)),
                }
            }
        };
        (0..2).for_each(|_| drop(scope.spawn(work)));
    });
    let counts = told.into_inner().unwrap();
    let of = |call: &str| faults.iter().filter(|fault| fault.call == call).count() / FAULTS.len();
    let calls: Vec<_> = CALLS.split(',').map(|call| (call, of(call))).filter(|(_, count)| *count > 0).collect();
    println!("{} faults injected into {calls:?}; told: {counts:#?}", faults.len());
    assert_eq!(failed.into_inner(), 0, "faults that the vault did not withstand");
    // The control: there were some of each sort, and the child was told.
    assert!(["write", "pwrite64", "fsync", "ftruncate", "rename", "unlink"].iter().all(|call| of(call) > 0));
    assert!(counts.keys().any(|told| told.starts_with("error storage disk-full")));
    assert!(counts.keys().any(|told| told.starts_with("error storage io")));
}

/// Where a part is played again and again.
struct Stage<'a> {
    part: &'a Part,
    number: usize,
    folder: PathBuf,
    /// What the vault holds before it.
    life: Life,
}

const VAULT: &str = "vault.amana";

impl<'a> Stage<'a> {
    fn prepare(folder: &Path, part: &'a Part, number: usize) -> Self {
        let folder = folder.join(format!("part {number}"));
        fs::create_dir_all(folder.join("before")).unwrap();
        let mut liver = Liver::at(&folder.join("before").join(VAULT), "");
        part.before.iter().for_each(|step| liver.carry_out(step).unwrap());
        let life = part.before.iter().fold(Life::default(), Life::after);
        Self { part, number, folder, life }
    }

    /// Every fault that there is in it: plays it once undisturbed, and counts its calls.
    fn faults(&self) -> Vec<Fault> {
        let run = Run::new(self, "undisturbed");
        let output = run.under(self, &["-e", &format!("trace=mkdir,{CALLS}")]);
        let log = run.log();
        assert!(
            output.status.success() && log.contains("mkdir("),
            "strace does not show what a process does. It has to be installed (Debian: apt-get install strace) and \
             allowed to trace a child (ptrace; in a container: the capability SYS_PTRACE). It says: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let (mut thread, mut counts) = (None, BTreeMap::<&str, usize>::new());
        let mut faults = Vec::new();
        for line in log.lines() {
            let (id, rest) = line.split_once(' ').unwrap_or_default();
            let call = rest.trim_start().split('(').next().unwrap_or_default();
            if call == "mkdir" && rest.contains("begin") {
                thread = Some(id);
                counts.insert("write", WARM_UP);
            } else if call == "mkdir" && rest.contains("/end") {
                break;
            } else if thread == Some(id) && CALLS.split(',').any(|known| known == call) {
                let number = *counts.entry(call).and_modify(|count| *count += 1).or_insert(1);
                let fault = |what| Fault { part: self.number, call: call.to_owned(), number, what };
                faults.extend(FAULTS.map(fault));
            }
        }
        faults
    }

    /// Plays the part with one fault, and checks what it leaves. Returns what was told of it.
    fn play(&self, fault: &Fault) -> String {
        let Fault { call, number, what, .. } = fault;
        let run = Run::new(self, &format!("{call} {number} {what}"));
        let is_killed = *what == "signal=KILL";
        // Faster; it knows no signals.
        let fast = if is_killed { "--" } else { "--seccomp-bpf" };
        let (trace, inject) = (format!("trace={call}"), format!("inject={call}:{what}:when={number}"));
        let output = run.under(self, &["-e", &trace, "-e", &inject, fast]);
        let said = run.said();
        if is_killed {
            assert_eq!(output.status.signal(), Some(SIGKILL), "{fault:?}: {output:?}");
        } else {
            assert!(run.log().contains("INJECTED"), "{fault:?}: it did not come to that");
            assert!(output.status.success() && said.iter().any(|said| said == "end"), "{fault:?}: {output:?}");
        }
        let wrong = said.iter().find(|said| said.contains("wrong") || said.starts_with("stuck"));
        assert!(wrong.is_none(), "{fault:?}: {said:?}");

        let taken = said.iter().filter(|said| said.parse::<usize>().is_ok()).count();
        let mut life = self.part.steps[..taken].iter().fold(self.life.clone(), Life::after);
        if said.iter().any(|said| said == "goes on") {
            life = life.after(&goes_on());
        }
        let path = run.folder.join(VAULT);
        let found = life.check_after(self.part.steps.get(taken), &path);
        if found.pin.is_none() {
            // Who failed to make a vault can make it after all.
            let again = Liver::at(&path, "").carry_out(&self.part.steps[0]);
            assert_eq!(again, Ok(()), "{fault:?}: it leaves something in the way");
        }
        // Keys that were to be destroyed must not live on beside their file.
        let left = path.with_added_extension("device-key").with_added_extension("new");
        assert!(!left.exists(), "{fault:?}: keys are left in {}", left.display());
        run.remove();
        let told = said.into_iter().find(|said| said.starts_with("error"));
        told.unwrap_or_else(|| if is_killed { "killed" } else { "nothing: it did without" }.to_owned())
    }
}

/// A folder in which a part is played once.
struct Run {
    folder: PathBuf,
    told: PathBuf,
    log: PathBuf,
}

impl Run {
    fn new(stage: &Stage<'_>, name: &str) -> Self {
        let folder = stage.folder.join(name);
        let run = Self { told: folder.join("told"), log: folder.join("log"), folder };
        fs::create_dir_all(&run.told).unwrap();
        for file in fs::read_dir(stage.folder.join("before")).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), run.folder.join(file.file_name())).unwrap();
        }
        run
    }

    fn under(&self, stage: &Stage<'_>, options: &[&str]) -> Output {
        let (path, number) = (self.folder.join(VAULT), stage.number.to_string());
        let [path, told, log] = [&path, &self.told, &self.log].map(|path| path.to_str().expect("text"));
        let strace = [&["strace", "--follow-forks", "-o", log], options].concat();
        let pin = stage.life.pin.as_deref().unwrap_or_default();
        let mut command = command(&strace, "live through a fault", &[path, told, &number, pin]);
        command.output().unwrap_or_else(|e| panic!("strace is missing ({e}). Debian: apt-get install strace"))
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn said(&self) -> Vec<String> {
        let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().expect("text");
        fs::read_dir(&self.told).unwrap().map(name).collect()
    }

    /// Only what went well: the rest is left to be looked at while the test runs.
    fn remove(self) {
        fs::remove_dir_all(self.folder).unwrap();
    }
}
