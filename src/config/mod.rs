//! Typed settings from arguments, environment and `config.toml` (in that order of strength), validated once at start.
//! Nothing here opens a connection or a file other than `config.toml`.

mod database;
pub mod locale;
mod notices;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

pub use self::database::{Database, OWNER};
pub use self::notices::{Notices, NoticesFile, Url, Way};
use crate::domain::field::Lang;

/// Options that every subcommand understands.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Flags {
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        help_heading = "Where",
        help = "Folder of the private server and all local state [env: FRONTDESK_DATA_DIR]"
    )]
    pub data_dir: Option<PathBuf>,
    #[arg(
        long,
        global = true,
        value_name = "URL",
        help_heading = "Where",
        help = "A shared Postgres, without a password: postgres://USER@HOST/DATABASE [env: FRONTDESK_DATABASE_URL]"
    )]
    pub database_url: Option<String>,
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        help_heading = "Where",
        help = "Another workspace of the private server, such as frontdesk_demo [env: FRONTDESK_WORKSPACE]"
    )]
    pub workspace: Option<String>,
    /// Sit down as this person; on a private server only
    #[arg(long = "as", global = true, value_name = "LOGIN", help_heading = "Where")]
    pub login: Option<String>,
    #[arg(
        long,
        global = true,
        value_name = "en|zh",
        help_heading = "Looks",
        help = "Language of the interface [env: FRONTDESK_LANG]"
    )]
    pub lang: Option<String>,
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        help_heading = "Looks",
        help = "Colours: a theme's name [env: FRONTDESK_THEME]"
    )]
    pub theme: Option<String>,
    /// Plain lines for screen readers: no boxes, the cursor on what is selected; remembered, `:plain off` ends it
    #[arg(long, global = true, help_heading = "Looks")]
    pub plain: bool,
}

/// Where the database is.
#[derive(Clone, Debug)]
pub enum Server {
    /// Started by the program itself, under the data folder.
    Private,
    /// Somebody else runs it.
    Shared(Box<Database>),
}

/// What holds for this run of the program.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Private server, logs, local state.
    pub data_dir: PathBuf,
    /// `config.toml`, `keys.toml`, own themes.
    pub config_dir: PathBuf,
    pub server: Server,
    /// The database's name on a private server; the demo has one of its own beside it.
    pub workspace: String,
    /// Who sits down; `None`: the person of the operating system.
    pub login: Option<String>,
    /// `None` when neither a setting nor the locale says.
    pub lang: Option<Lang>,
    pub theme: Option<String>,
    /// Plain mode is asked for.
    pub plain: bool,
    /// `None` when neither `TZ` nor the machine says.
    pub zone: Option<chrono_tz::Tz>,
    /// Where people reach `frontdesk serve`, `HOST[:PORT]`, as invitations say it.
    pub address: Option<String>,
    /// Where notices go that find nobody at a seat of `frontdesk serve`.
    pub notices: NoticesFile,
    pub serving: Serving,
}

/// Who types a code besides showing a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum SecondFactor {
    /// Whoever has set one up
    #[default]
    Optional,
    /// Everybody; whoever has none sets it up when they come in
    Required,
}

/// What `frontdesk serve` lets in: `[server]` of `config.toml`. Files there are in the configuration folder unless their
/// path is whole.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Serving {
    /// Files with the public keys of authorities whose certificates count, one key a line.
    pub user_ca: Vec<PathBuf>,
    /// A file that says which keys and certificates open nothing any more.
    pub revoked_keys: Option<PathBuf>,
    pub second_factor: SecondFactor,
}

/// False where a test wants to see what is told at once, and nothing that is only looked at now and then:
/// `FRONTDESK_LOOK=never`. Not in a release.
pub fn looks_unasked() -> bool {
    !(cfg!(debug_assertions) && std::env::var("FRONTDESK_LOOK").is_ok_and(|look| look == "never"))
}

/// The workspace of a private server that nobody names another for.
pub const WORKSPACE: &str = "frontdesk";

/// `config.toml`. An unknown key is a mistake, not a wish.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    url: Option<String>,
    direct_url: Option<String>,
    data_dir: Option<PathBuf>,
    language: Option<String>,
    theme: Option<String>,
    address: Option<String>,
    notices: Option<notices::Written>,
    #[serde(default)]
    server: Serving,
}

impl Settings {
    /// Reads the environment of this process and the person's `config.toml`.
    pub fn load(flags: &Flags) -> Result<Self> {
        let env = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self::from(flags, &env, &Folders::of_person(&env)?)
    }

    fn from(flags: &Flags, env: &dyn Fn(&str) -> Option<String>, folders: &Folders) -> Result<Self> {
        let path = folders.config.join("config.toml");
        let file: File = match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).with_context(|| format!("{} cannot be used", path.display()))?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => File::default(),
            Err(e) => return Err(e).with_context(|| format!("{} cannot be read", path.display())),
        };
        if let Some(url) = &flags.database_url {
            database::refuse_password(url)?;
        }
        let url = flags.database_url.clone().or_else(|| env("FRONTDESK_DATABASE_URL"));
        // A `direct_url` belongs to the `url` of the same file; beside another url it could mean another database.
        let direct = if url.is_none() { file.direct_url } else { env("FRONTDESK_DIRECT_URL") };
        let server = match url.or(file.url) {
            Some(url) => {
                Server::Shared(Box::new(Database::shared(&url, direct.as_deref(), env("PGSSLMODE").is_some())?))
            }
            None if direct.is_some() => bail!("`direct_url` is set but `url` is not: set both, or only `url`."),
            None => Server::Private,
        };
        let dir = flags.data_dir.clone().or_else(|| env("FRONTDESK_DATA_DIR").map(PathBuf::from)).or(file.data_dir);
        let data_dir = std::path::absolute(dir.unwrap_or_else(|| folders.data.clone()))?;
        let lang = match flags.lang.clone().or_else(|| env("FRONTDESK_LANG")).or(file.language) {
            Some(word) => Some(locale::language(&word).with_context(|| {
                format!("“{word}” is not a language of this program: use `en` (English) or `zh` (Simplified Chinese).")
            })?),
            None => locale::from_environment(env),
        };
        Ok(Self {
            data_dir,
            config_dir: folders.config.clone(),
            server,
            workspace: flags
                .workspace
                .clone()
                .or_else(|| env("FRONTDESK_WORKSPACE"))
                .unwrap_or_else(|| WORKSPACE.into()),
            login: flags.login.clone(),
            lang,
            theme: flags.theme.clone().or_else(|| env("FRONTDESK_THEME")).or(file.theme),
            plain: flags.plain,
            zone: locale::zone(env),
            address: file.address,
            notices: NoticesFile(file.notices),
            serving: Serving {
                user_ca: file.server.user_ca.iter().map(|file| folders.config.join(file)).collect(),
                revoked_keys: file.server.revoked_keys.map(|file| folders.config.join(file)),
                second_factor: file.server.second_factor,
            },
        })
    }

    /// The same settings for the demo, a database of its own on the private server.
    pub fn demo(mut self) -> Result<Self> {
        if let Server::Shared(_) = self.server {
            bail!(
                "The demo keeps to a private server, but a database url is set: \
                 unset FRONTDESK_DATABASE_URL, or leave `url` out of config.toml, for this one."
            );
        }
        self.workspace = "frontdesk_demo".into();
        Ok(self)
    }
}

/// The folders of the operating system's person.
struct Folders {
    data: PathBuf,
    config: PathBuf,
}

impl Folders {
    fn of_person(env: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let config = env("FRONTDESK_CONFIG_DIR").map(PathBuf::from);
        match (directories::ProjectDirs::from("", "", "frontdesk"), config) {
            (Some(dirs), config) => Ok(Self {
                data: dirs.data_local_dir().to_path_buf(),
                config: config.unwrap_or_else(|| dirs.config_dir().to_path_buf()),
            }),
            // Without a home both folders can still be named.
            (None, config) => {
                let data = env("FRONTDESK_DATA_DIR")
                    .map(PathBuf::from)
                    .context("You have no home folder here: name a folder with --data-dir or FRONTDESK_DATA_DIR.")?;
                Ok(Self { config: config.unwrap_or_else(|| data.join("config")), data })
            }
        }
    }
}

/// The login name of the operating system's person.
pub fn os_login() -> String {
    nix::unistd::User::from_uid(nix::unistd::getuid())
        .ok()
        .flatten()
        .map_or_else(|| format!("user{}", nix::unistd::getuid()), |user| user.name)
}

/// The full name of the operating system's person, else the login.
pub fn os_name() -> String {
    let gecos = nix::unistd::User::from_uid(nix::unistd::getuid()).ok().flatten().map(|user| user.gecos);
    gecos
        .and_then(|gecos| gecos.to_str().ok().and_then(|text| text.split(',').next()).map(|n| n.trim().to_owned()))
        .filter(|name| !name.is_empty())
        .unwrap_or_else(os_login)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn load(flags: &Flags, env: &[(&str, &str)], file: &str) -> Result<Settings> {
        let dir = tempfile::tempdir()?;
        std::fs::write(dir.path().join("config.toml"), file)?;
        let env = |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        Settings::from(flags, &env, &Folders { data: "/home/ana/data".into(), config: dir.path().into() })
    }

    fn url_of(settings: &Settings) -> String {
        match &settings.server {
            Server::Private => "private".into(),
            Server::Shared(db) => format!("{db:?}"),
        }
    }

    #[test]
    fn nothing_configured_means_a_private_server_in_the_data_folder() -> Result<()> {
        let settings = load(&Flags::default(), &[], "")?;
        assert_eq!(url_of(&settings), "private");
        assert_eq!(settings.data_dir, Path::new("/home/ana/data"));
        assert_eq!(settings.lang, None);
        Ok(())
    }

    #[test]
    fn arguments_win_over_environment_and_environment_over_the_file() -> Result<()> {
        let file = "url = 'postgres://f@file/db'\ntheme = 'file'\nlanguage = 'zh'\ndata_dir = '/from/file'";
        let settings = load(&Flags::default(), &[], file)?;
        assert!(url_of(&settings).contains("f@file:5432/db"), "{}", url_of(&settings));
        assert_eq!((settings.theme.as_deref(), settings.lang), (Some("file"), Some(Lang::Zh)));
        assert_eq!(settings.data_dir, Path::new("/from/file"));

        let env = [("FRONTDESK_DATABASE_URL", "postgres://e@env/db"), ("FRONTDESK_DATA_DIR", "/from/env")];
        let settings = load(&Flags::default(), &env, file)?;
        assert!(url_of(&settings).contains("e@env:5432/db"));
        assert_eq!(settings.data_dir, Path::new("/from/env"));

        let flags = Flags {
            database_url: Some("postgres://a@arg/db".into()),
            data_dir: Some("/from/arg".into()),
            lang: Some("en".into()),
            ..Flags::default()
        };
        let settings = load(&flags, &env, file)?;
        assert!(url_of(&settings).contains("a@arg:5432/db"));
        assert_eq!((settings.data_dir.as_path(), settings.lang), (Path::new("/from/arg"), Some(Lang::En)));
        Ok(())
    }

    #[test]
    fn a_password_on_the_command_line_is_refused_with_the_alternatives_named() {
        for url in ["postgres://ana:secret@db/x", "postgres://ana@db/x?password=secret", "postgres://:s@db/x"] {
            let flags = Flags { database_url: Some(url.into()), ..Flags::default() };
            let said = load(&flags, &[], "").expect_err(url).to_string();
            for word in ["FRONTDESK_DATABASE_URL", "config.toml", "~/.pgpass"] {
                assert!(said.contains(word), "{said}");
            }
            assert!(!said.contains("secret"), "{said}");
        }
        let env = [("FRONTDESK_DATABASE_URL", "postgres://ana:secret@db/x")];
        let settings = load(&Flags::default(), &env, "").expect("a password in the environment is fine");
        assert!(!format!("{settings:?}").contains("secret"), "and never shown");
    }

    #[test]
    fn mistakes_in_the_file_name_the_file_and_the_key() {
        let said = format!("{:#}", load(&Flags::default(), &[], "urll = 'x'").expect_err("unknown key"));
        assert!(said.contains("config.toml") && said.contains("urll"), "{said}");
        let said = format!("{:#}", load(&Flags::default(), &[], "direct_url = 'postgres://x/y'").expect_err("half"));
        assert!(said.contains("direct_url"), "{said}");
        let said = format!("{:#}", load(&Flags::default(), &[], "language = 'fr'").expect_err("language"));
        assert!(said.contains("“fr”"), "{said}");
    }

    #[test]
    fn the_demo_never_touches_a_shared_database() -> Result<()> {
        assert_eq!(load(&Flags::default(), &[], "")?.demo()?.workspace, "frontdesk_demo");
        let said = load(&Flags::default(), &[], "url = 'postgres://a@b/c'")?.demo().expect_err("refused").to_string();
        assert!(said.contains("FRONTDESK_DATABASE_URL"), "{said}");
        Ok(())
    }
}
