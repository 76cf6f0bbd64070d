//! `frontdesk user totp`: a second factor for whoever comes in over SSH, the code of an authenticator app.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use qrcodegen::{QrCode, QrCodeEcc};

use super::{Office, Usage, cells};
use crate::desk::Error;

/// How often the first code may be mistyped.
const TRIES: usize = 3;
/// Light cells round a QR code; apps need some.
const MARGIN: i32 = 2;

const EXAMPLES: &str = "\
Examples:
  frontdesk user totp ana
  frontdesk user totp ana --off

It shows what an authenticator app takes, asks for the app's first code, which makes it count, and then shows codes for the
day that the app is lost: keep them elsewhere; each opens once. From then on whoever comes over SSH is asked for a code
behind their key. Everybody may do this for themselves, also as `ssh -t HOST user totp ana`; whoever manages users for
theirs.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct TotpArgs {
    /// Whose it is
    #[arg(value_name = "LOGIN")]
    pub whose: String,
    /// Take it away: the key alone opens again
    #[arg(long)]
    pub off: bool,
}

pub(super) async fn run(args: &TotpArgs, office: &Office) -> Result<()> {
    let mut out = office.io.out();
    if args.off {
        office.desk.drop_factor(&office.cx, &args.whose).await?;
        writeln!(out, "{} comes in without a second factor", cells::one_line(&args.whose, 40))?;
        return Ok(());
    }
    let factor = office.desk.new_factor(&office.cx, &args.whose).await?;
    let uri = factor.uri();
    out.write_all(picture(&uri).as_bytes())?;
    writeln!(out, "Scan this with an authenticator app, or type its key there:\n\n    {}\n    {uri}\n", factor.key())?;
    let mut left = TRIES;
    let codes = loop {
        write!(out, "The app's code now: ")?;
        out.flush()?;
        let typed = office.io.line()?;
        if typed.is_empty() {
            return Err(Usage("no code was typed: nothing has changed".into()).into());
        }
        left -= 1;
        match office.desk.set_factor(&office.cx, &factor, &typed).await {
            Ok(codes) => break codes,
            Err(Error::Invalid { reason, .. }) if left > 0 => writeln!(office.io.err(), "{reason}")?,
            Err(error) => return Err(error.into()),
        }
    };
    writeln!(
        out,
        "\nFrom now on {} is asked for a code. For the day that the app is lost,",
        cells::one_line(&args.whose, 40)
    )?;
    writeln!(out, "each of these opens once; they are shown this once:\n")?;
    for code in codes {
        writeln!(out, "    {code}")?;
    }
    Ok(())
}

/// A QR code of two cells in each character, light on dark as most terminals are.
fn picture(text: &str) -> String {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Low) else { return String::new() };
    let is_light = |x: i32, y: i32| !code.get_module(x, y);
    let mut picture = String::new();
    for y in (-MARGIN..code.size() + MARGIN).step_by(2) {
        for x in -MARGIN..code.size() + MARGIN {
            picture.push(match (is_light(x, y), is_light(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        picture.push('\n');
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_fits_a_terminal_and_has_the_marks_of_a_qr_code() {
        let text = format!("otpauth://totp/frontdesk:{}?secret={}&issuer=frontdesk", "a".repeat(20), "B".repeat(32));
        let picture = picture(&text);
        let lines: Vec<&str> = picture.lines().collect();
        assert!(lines.len() <= 24 && lines.iter().all(|line| line.chars().count() <= 50), "{picture}");
        assert_eq!(lines[0].chars().collect::<std::collections::HashSet<_>>().len(), 1, "a light edge:\n{picture}");
        // Two light cells, then the corner's seven dark ones.
        assert!(lines[1].starts_with("██ ▄▄▄▄▄ █"), "{picture}");
    }
}
