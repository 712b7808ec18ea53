//! `amana demo`: the page it leaves, and what its files give away.

use crate::world::{World, holds, mode};

/// What the demo's card says, as its page shows it to the one who holds it.
const VALUES: [&str; 5] = ["Zuhura", "Kimathi", "1991-07-14", "RC-2208-4417", "Mlimani North"];

#[test]
fn the_demo_leaves_a_page_with_every_step_and_codes_that_are_read() {
    let world = World::empty();
    let told = world.run(&["demo"]).code(0);
    assert!(told.out.contains("ACCEPT") && told.out.ends_with("amana-demo/index.html\n"), "{}", told.out);
    let page = String::from_utf8(world.read("amana-demo/index.html")).unwrap();
    let steps = [
        "trust",
        "wallet",
        "offer",
        "enrolment",
        "delivery",
        "request",
        "consent",
        "answer",
        "verdict",
        "attacks",
        "stolen",
        "decoy",
    ];
    for step in steps {
        assert!(page.contains(&format!("<section id=\"{step}\">")), "{step}");
    }
    for value in VALUES {
        assert!(page.contains(value), "{value}");
    }
    // One thing on the page is not as a person would wish: the wrong PIN.
    assert_eq!(page.matches("class=\"bad\"").count(), 1);
    // Nothing is fetched.
    assert!(!page.contains("src=\"http") && !page.contains("href=\"http") && !page.contains("url("));

    for (file, format, code) in [
        ("01-trust.png", "bundle", 1),
        ("03-offer-photo.jpg", "offer", 3),
        ("04-enrolment-photo.jpg", "enrolment", 3),
        ("05-delivery-photo.jpg", "delivery", 3),
        ("06-request-photo.jpg", "request", 0),
        ("08-answer-photo.jpg", "response", 3),
    ] {
        assert!(page.contains(file), "{file}");
        let report = world.run(&["inspect", "--json", &format!("amana-demo/{file}")]).code(code).json();
        assert_eq!(report["format"], format, "{file}");
        assert!(VALUES.iter().all(|value| !report.to_string().contains(value)), "{file}");
    }
}

#[test]
fn its_wallet_holds_nothing_readable_and_its_keys_are_believed_nowhere_else() {
    let world = World::empty();
    world.run(&["demo", "--out", "d", "--json"]).code(0).json();
    let vault = world.read("d/wallet.amana");
    for value in VALUES {
        assert!(!holds(&vault, value), "{value}");
    }
    assert_eq!(mode(&world.path("d/wallet.amana")), 0o600);
    assert_eq!(world.run(&["wallet", "list", "--vault", "d/wallet.amana", "--pin-file", "pin"]).code, 66);
    let refused = world.run(&["inspect", "--trust", "d/01-trust.png", "d/06-request.png", "--json"]).code(1).json();
    assert_eq!(refused["reason"], "demo-key");
}

#[test]
fn it_makes_way_for_itself_and_for_nobody_else() {
    let world = World::empty();
    world.run(&["demo", "--out", "d"]).code(0);
    world.run(&["demo", "--out", "d"]).code(0);
    std::fs::create_dir(world.path("mine")).unwrap();
    world.write("mine/letter.txt", "dear");
    world.run(&["demo", "--out", "mine"]).code(64);
    assert_eq!(std::fs::read_dir(world.path("mine")).unwrap().count(), 1);
}

/// In a network namespace without an interface, where no packet can go anywhere.
#[cfg(target_os = "linux")]
#[test]
fn it_needs_no_network() {
    let world = World::empty();
    let isolated = |program: &[&str]| {
        let mut command = std::process::Command::new("unshare");
        command.args(["--map-root-user", "--net", "--"]).args(program).current_dir(world.path("."));
        command.output().is_ok_and(|output| output.status.success())
    };
    if !isolated(&["true"]) {
        eprintln!("demo without a network: skipped, this machine lends nobody a namespace");
        return;
    }
    // The control: the only interface is the loopback.
    assert!(isolated(&["sh", "-c", "test \"$(grep -c : /proc/self/net/dev)\" = 1"]));
    assert!(isolated(&[env!("CARGO_BIN_EXE_amana"), "demo", "--out", "d"]));
    assert!(world.path("d/index.html").exists());
}
