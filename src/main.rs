//! The program; see `frontdesk::door`.

fn main() -> std::process::ExitCode {
    frontdesk::door::open()
}
