//! What may come into the build: `deny.toml`'s allowed licences and banned crates, no network in the core or the
//! bindings, no unsafe code of our own. Read from `cargo metadata` for all features and all platforms, as phones are
//! not the machine that runs this.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates in whose trees nothing may so much as call itself a network crate.
const OFFLINE: &[&str] = &["amana-core", "amana-ffi"];

/// Categories of the registry that say of a crate that it speaks to a network.
const NETWORK_CATEGORIES: &[&str] =
    &["network-programming", "web-programming::http-client", "web-programming::http-server"];

/// Crates in [`OFFLINE`]'s trees whose category says more than they do here.
const NOT_NETWORK: &[(&str, &str)] = &[
    ("bytes", "buffers; under UniFFI, which reads and writes records with it"),
    ("rustix", "system calls; under tempfile, its `net` feature is off"),
];

#[test]
fn every_licence_is_allowed() {
    assert_none(licence_findings(&Policy::read().licences, Build::read().packages.values()));
}

#[test]
fn no_banned_crate_is_in_the_build() {
    assert_none(ban_findings(&Policy::read().banned, Build::read().packages.values()));
}

#[test]
fn core_and_bindings_hold_no_network_crate() {
    let (policy, build) = (Policy::read(), Build::read());
    for root in OFFLINE {
        let tree = build.tree(root);
        assert!(tree.len() > 1, "no tree below {root}: is it still called so?");
        assert_none(ban_findings(&policy.banned, tree.iter().copied()));
        assert_none(network_findings(tree));
    }
}

#[test]
fn our_own_crates_forbid_unsafe_code() {
    let build = Build::read();
    let members: Vec<(String, String)> =
        build.members().map(|member| (member.name.clone(), read(&member.manifest))).collect();
    assert_none(unsafe_findings(&read(&root().join("Cargo.toml")), &members));
}

/// The two lists of `deny.toml` that are enforced here.
struct Policy {
    licences: Vec<String>,
    banned: Vec<String>,
}

impl Policy {
    fn read() -> Policy {
        Policy::parse(&read(&root().join("deny.toml")))
    }

    fn parse(text: &str) -> Policy {
        let file: toml::Table = text.parse().expect("deny.toml is TOML");
        let list = |table: &str, key: &str, text: fn(&toml::Value) -> Option<&str>| -> Vec<String> {
            let entries = file[table][key].as_array().expect("deny.toml has both lists");
            assert!(!entries.is_empty(), "[{table}] {key} is empty");
            entries.iter().map(|entry| text(entry).expect("an entry is a name").to_owned()).collect()
        };
        Policy {
            licences: list("licenses", "allow", |entry| entry.as_str()),
            banned: list("bans", "deny", |entry| entry.get("crate").unwrap_or(entry).as_str()),
        }
    }
}

/// One package of the build.
#[derive(Clone, Default)]
struct Package {
    name: String,
    version: String,
    licence: String,
    categories: Vec<String>,
    manifest: PathBuf,
    is_ours: bool,
    /// The ids of what it is built from: normal and build dependencies.
    needs: Vec<String>,
}

/// All packages by id.
struct Build {
    packages: BTreeMap<String, Package>,
}

impl Build {
    fn read() -> Build {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--all-features"])
            .current_dir(root())
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
        Build::parse(&serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON"))
    }

    fn parse(metadata: &Value) -> Build {
        let members: BTreeSet<String> = list(&metadata["workspace_members"], text).collect();
        let mut packages: BTreeMap<String, Package> = list(&metadata["packages"], |package| {
            let id = text(&package["id"]);
            let package = Package {
                name: text(&package["name"]),
                version: text(&package["version"]),
                licence: package["license"].as_str().unwrap_or_default().to_owned(),
                categories: list(&package["categories"], text).collect(),
                manifest: text(&package["manifest_path"]).into(),
                is_ours: members.contains(&id),
                needs: Vec::new(),
            };
            (id, package)
        })
        .collect();
        for node in list(&metadata["resolve"]["nodes"], Value::clone) {
            let needs = list(&node["deps"], Value::clone)
                .filter(|dependency| list(&dependency["dep_kinds"], Value::clone).any(|kind| kind["kind"] != "dev"))
                .map(|dependency| text(&dependency["pkg"]));
            packages.get_mut(&text(&node["id"])).expect("a node is a package").needs = needs.collect();
        }
        Build { packages }
    }

    fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.values().filter(|package| package.is_ours)
    }

    /// The package called `root` and all that it is built from.
    fn tree(&self, root: &str) -> Vec<&Package> {
        let mut next: Vec<&String> = self
            .packages
            .iter()
            .filter(|(_, package)| package.is_ours && package.name == root)
            .map(|(id, _)| id)
            .collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = next.pop() {
            if seen.insert(id) {
                next.extend(&self.packages[id].needs);
            }
        }
        seen.into_iter().map(|id| &self.packages[id]).collect()
    }
}

/// Packages whose licence the list does not allow; of alternatives (`OR`) one is enough.
fn licence_findings<'a>(allowed: &[String], packages: impl IntoIterator<Item = &'a Package>) -> Vec<String> {
    let allowed: Vec<spdx::Licensee> =
        allowed.iter().map(|licence| spdx::Licensee::parse(licence).expect("deny.toml names SPDX licences")).collect();
    let is_allowed = |licence: &str| {
        spdx::Expression::parse_mode(licence, spdx::ParseMode::LAX)
            .is_ok_and(|expression| expression.evaluate(|one| allowed.iter().any(|licensee| licensee.satisfies(one))))
    };
    packages
        .into_iter()
        .filter(|package| !is_allowed(&package.licence))
        .map(|package| format!("{} {}: licence `{}`", package.name, package.version, package.licence))
        .collect()
}

fn ban_findings<'a>(banned: &[String], packages: impl IntoIterator<Item = &'a Package>) -> Vec<String> {
    packages
        .into_iter()
        .filter(|package| banned.contains(&package.name))
        .map(|package| format!("{} {}: banned in deny.toml", package.name, package.version))
        .collect()
}

fn network_findings<'a>(packages: impl IntoIterator<Item = &'a Package>) -> Vec<String> {
    packages
        .into_iter()
        .filter(|package| NOT_NETWORK.iter().all(|(name, _)| package.name != *name))
        .filter_map(|package| {
            let category =
                package.categories.iter().find(|category| NETWORK_CATEGORIES.contains(&category.as_str()))?;
            Some(format!("{} {}: its category is `{category}`", package.name, package.version))
        })
        .collect()
}

/// Members that do not take over the workspace's lints, and the workspace where these do not forbid unsafe code.
fn unsafe_findings(workspace: &str, members: &[(String, String)]) -> Vec<String> {
    let at = |text: &str, path: &[&str]| -> Option<toml::Value> {
        let file: toml::Table = text.parse().expect("a manifest is TOML");
        path.iter().try_fold(toml::Value::Table(file), |value, key| value.get(key).cloned())
    };
    let forbids = at(workspace, &["workspace", "lints", "rust", "unsafe_code"]) == Some("forbid".into());
    let of_workspace = (!forbids).then(|| "the workspace's lints do not forbid unsafe code".to_owned());
    let of_members = members
        .iter()
        .filter(|(_, manifest)| at(manifest, &["lints", "workspace"]) != Some(true.into()))
        .map(|(name, _)| format!("{name} does not take over the workspace's lints"));
    of_workspace.into_iter().chain(of_members).collect()
}

fn assert_none(findings: Vec<String>) {
    assert!(findings.is_empty(), "{} against the policy:\n  {}", findings.len(), findings.join("\n  "));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn text(value: &Value) -> String {
    value.as_str().expect("cargo metadata has a text here").to_owned()
}

fn list<'a, T>(value: &'a Value, read: impl Fn(&Value) -> T + 'a) -> impl Iterator<Item = T> + 'a {
    value.as_array().expect("cargo metadata has a list here").iter().map(read)
}

/// The checkers themselves, on packages made up to break the policy.
mod checker {
    use super::*;
    use serde_json::json;

    fn package(name: &str, licence: &str, categories: &[&str]) -> Package {
        Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: licence.to_owned(),
            categories: categories.iter().map(|&category| category.to_owned()).collect(),
            ..Package::default()
        }
    }

    #[test]
    fn reads_both_lists() {
        let policy = Policy::parse("licenses.allow = ['MIT']\nbans.deny = [{ crate = 'curl', reason = 'x' }, 'h2']");
        assert_eq!(policy.licences, ["MIT"]);
        assert_eq!(policy.banned, ["curl", "h2"]);
    }

    #[test]
    fn licences_need_one_allowed_side() {
        let allowed = ["MIT".to_owned(), "Apache-2.0 WITH LLVM-exception".to_owned()];
        for (licence, is_allowed) in [
            ("MIT", true),
            ("GPL-3.0-only OR MIT", true),
            ("GPL-3.0/MIT", true),
            ("(Apache-2.0 WITH LLVM-exception OR Zlib) AND MIT", true),
            ("MIT AND GPL-3.0-only", false),
            ("Apache-2.0", false),
            ("GPL-3.0-only", false),
            ("Our own", false),
            ("", false),
        ] {
            let findings = licence_findings(&allowed, [&package("some", licence, &[])]);
            assert_eq!(findings.is_empty(), is_allowed, "{licence}");
        }
    }

    #[test]
    fn banned_crates_and_network_categories_are_found() {
        let packages = [
            package("curl", "MIT", &[]),
            package("curly", "MIT", &["encoding"]),
            package("pigeon", "MIT", &["encoding", "network-programming"]),
            package("bytes", "MIT", &["network-programming"]),
        ];
        assert_eq!(ban_findings(&["curl".to_owned()], &packages), ["curl 1.0.0: banned in deny.toml"]);
        assert_eq!(network_findings(&packages), ["pigeon 1.0.0: its category is `network-programming`"]);
    }

    #[test]
    fn a_tree_follows_normal_and_build_dependencies() {
        let package = |id: &str| json!({ "id": id, "name": id, "version": "1.0.0", "license": null, "categories": [], "manifest_path": "" });
        let packages = ["ours", "normal", "build", "dev", "deep"].map(package);
        let needs = |id: &str, kind: Option<&str>| json!({ "pkg": id, "dep_kinds": [{ "kind": kind }] });
        let build = Build::parse(&json!({
            "workspace_members": ["ours"],
            "packages": packages,
            "resolve": { "nodes": [
                { "id": "ours", "deps": [needs("normal", None), needs("build", Some("build")), needs("dev", Some("dev"))] },
                { "id": "normal", "deps": [] },
                { "id": "build", "deps": [needs("deep", None)] },
                { "id": "dev", "deps": [] },
                { "id": "deep", "deps": [needs("ours", None)] },
            ]},
        }));
        let names: Vec<&str> = build.tree("ours").iter().map(|package| package.name.as_str()).collect();
        assert_eq!(names, ["build", "deep", "normal", "ours"]);
        assert!(build.tree("normal").is_empty(), "a root is a crate of ours");
    }

    #[test]
    fn members_without_the_lint_are_found() {
        let good = ("good".to_owned(), "lints.workspace = true".to_owned());
        let bad = ("bad".to_owned(), "[package]\nname = 'bad'".to_owned());
        let forbids = "workspace.lints.rust.unsafe_code = 'forbid'";
        assert_eq!(unsafe_findings(forbids, &[good.clone(), bad]), ["bad does not take over the workspace's lints"]);
        let denies = "workspace.lints.rust.unsafe_code = 'deny'";
        assert_eq!(unsafe_findings(denies, &[good]), ["the workspace's lints do not forbid unsafe code"]);
    }
}
