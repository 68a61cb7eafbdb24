//! The configuration of `examples/fleet`, with the secrets that its README makes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::log::Directory;

/// None where no servers are to be used, or outside of the repository.
fn fleet() -> Option<PathBuf> {
    std::env::var_os("BODY_LOGGER_TEST_NATS")?;
    let fleet = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/fleet");
    fleet.exists().then_some(fleet)
}

#[test]
fn a_server_takes_its_configuration_with_the_variables_of_the_readme() {
    let Some(fleet) = fleet() else { return };
    let readme = fs::read_to_string(fleet.join("README.md")).expect("a file");
    let commands = readme
        .lines()
        .filter(|line| line.starts_with("mkdir ") || line.contains(">secrets/nats.env"));
    let commands: Vec<_> = commands.collect();
    assert_eq!(commands.len(), 2, "{commands:?}");
    let directory = Directory::new();
    let made = Command::new("sh")
        .args(["-ec", &commands.join("\n")])
        .current_dir(directory.path())
        .status();
    assert!(made.expect("a shell").success());
    let variables = fs::read_to_string(directory.file("secrets/nats.env")).expect("a file");
    let variables = variables.lines().filter_map(|line| line.split_once('='));
    let mut variables: Vec<_> = variables.collect();
    let (_, password) = variables.pop().expect("a password");
    // The server parses values of variables as those of its file: some texts that begin with a digit are no text there.
    let with_digits = password.replace(|digit: char| digit.is_ascii_hexdigit(), "");
    let with_digits = with_digits + "1e10b8b91e86829304f117d406289910";
    for password in [password, &with_digits] {
        let checked = Command::new("nats-server")
            .arg("-t")
            .arg("-c")
            .arg(fleet.join("nats.conf"))
            .envs(variables.iter().copied())
            .env("NATS_PASSWORD", password)
            .output()
            .expect("the program `nats-server`");
        let said = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "{password}: {said}");
    }
}
