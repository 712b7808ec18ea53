//! Point 3: kill -9, at any moment of a vault's life.

use crate::child::{Child, say};
use crate::life::{Change, Life, Liver, Step, folder_in_memory};
use amana_tests::{Rng, setting};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How often it is killed, unless `AMANA_KILLS` says so.
const KILLS: u64 = 1000;
/// Lives that are led and ended beside each other.
const LIVES: u64 = 2;

/// What a life consists of mostly.
const WAYS: [&str; 6] = ["put", "replace", "write", "relock", "change pin", "take door"];

/// The step `n` of a life: the same for parent and child. The first opens the door.
fn step(seed: u64, n: u64) -> Step {
    if n == 0 {
        return Step::Unlock;
    }
    let mut rng = Rng::new(seed, "step", n);
    let (way, turn) = (way(seed), rng.below(8));
    let number = |rng: &mut Rng| format!("{:06}", rng.below(1_000_000));
    let mut change = |ids: u32| {
        let len = *rng.pick(&[20, 300, 700, 3000, 9000, 20_000]);
        Change::Put { id: rng.below(ids as usize) as u32, len, fill: seed ^ n }
    };
    match way {
        "relock" if n % 3 == 2 => Step::Lock,
        "relock" if n.is_multiple_of(3) => Step::Unlock,
        "change pin" if turn < 2 => Step::ChangePin { pin: number(&mut rng) },
        "take door" if turn < 2 => Step::TakeDoor { pin: number(&mut rng) },
        "put" => Step::Write(vec![change(60)]),
        "replace" => Step::Write(vec![change(4)]),
        _ if turn < 4 => Step::Write((0..2 + turn).map(|_| change(30)).collect()),
        _ => Step::Write(vec![Change::Delete { id: rng.below(60) as u32 }]),
    }
}

fn way(seed: u64) -> &'static str {
    Rng::new(seed, "way", 0).pick::<&str>(&WAYS)
}

/// Lives on until it is killed, and says each step once it was taken.
pub fn live_until_killed(arguments: &[String]) {
    let [path, pin, seed] = arguments else { panic!("a path, a PIN and a seed") };
    let seed = seed.parse().expect("a seed");
    let mut liver = Liver::at(Path::new(path), pin);
    for n in 0.. {
        liver.carry_out(&step(seed, n)).expect("nothing fails");
        say(n);
    }
}

#[test]
fn point_3_a_thousand_kills_lose_nothing_that_was_acknowledged() {
    let seed = setting("AMANA_SEED", SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64);
    let kills = setting("AMANA_KILLS", KILLS);
    println!("AMANA_SEED={seed} AMANA_KILLS={kills}");
    let led: Vec<Led> = std::thread::scope(|scope| {
        let lead = |life| move || lead_and_end(seed, life, kills / LIVES + u64::from(life < kills % LIVES));
        let lives: Vec<_> = (0..LIVES).map(|life| scope.spawn(lead(life))).collect();
        lives.into_iter().map(|life| life.join().expect("no life ended badly")).collect()
    });
    let sum = |of: fn(&Led) -> u64| led.iter().map(of).sum::<u64>();
    let (kills, steps, undone) = (sum(|led| led.kills), sum(|led| led.steps), sum(|led| led.undone));
    println!("{kills} kills after {steps} acknowledged steps; {undone} kills left the state before the step in flight");
    assert!(kills > 0 && steps > 0);
}

/// What happened in a life.
#[derive(Default)]
struct Led {
    kills: u64,
    steps: u64,
    /// How often the step in flight had not happened. The others had, or had nothing to show for it.
    undone: u64,
}

/// One vault, killed again and again.
fn lead_and_end(seed: u64, life: u64, kills: u64) -> Led {
    let folder = folder_in_memory();
    let path = folder.path().join("vault.amana");
    let create = Step::Create { pin: "482913".to_owned() };
    Liver::at(&path, "").carry_out(&create).unwrap();
    let (mut state, mut led) = (Life::default().after(&create), Led::default());
    while led.kills < kills {
        let mut rng = Rng::new(seed, "kill", LIVES * led.kills + life);
        let round = seed.wrapping_add(LIVES * led.kills + life);
        let arguments = [path.to_str().unwrap(), state.pin.as_deref().unwrap(), &round.to_string()];
        let mut child = Child::start("live until killed", &arguments);
        let mut taken = 0;
        // One in eight dies before it has said anything: while it starts, or while it opens the door.
        if rng.below(8) > 0 {
            assert_eq!(child.hear().as_deref(), Some("0"), "round {round}");
            taken = 1;
        }
        sleep(Duration::from_micros(rng.below(40_000) as u64));
        child.kill();
        while child.hear().is_some() {
            taken += 1;
        }
        let before = (0..taken).fold(state, |state, n| state.after(&step(round, n)));
        let in_flight = step(round, taken);
        state = before.clone().check_after(Some(&in_flight), &path);
        led.undone += u64::from(state == before && before != before.clone().after(&in_flight));
        led.kills += 1;
        led.steps += taken;
    }
    led
}
