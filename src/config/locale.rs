//! What the operating system says about language and time zone.

use chrono_tz::Tz;

use crate::domain::field::Lang;

/// A language by its code or locale name: `en`, `en_GB.UTF-8`, `zh`, `zh_CN`, `中文`.
pub fn language(word: &str) -> Option<Lang> {
    let word = word.to_lowercase();
    match word.split(['_', '-', '.', '@']).next().unwrap_or_default() {
        "en" | "english" => Some(Lang::En),
        "zh" | "chinese" | "中文" | "简体中文" => Some(Lang::Zh),
        _ => None,
    }
}

/// The locale's language; `None` for `C`, `POSIX`, nothing at all, and languages that the program does not have.
pub fn from_environment(env: &dyn Fn(&str) -> Option<String>) -> Option<Lang> {
    ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| env(name)).and_then(|locale| language(&locale))
}

/// The time zone of the person's session, else of this machine; `None` when neither says.
pub(super) fn zone(env: &dyn Fn(&str) -> Option<String>) -> Option<Tz> {
    let named = env("TZ").and_then(|tz| tz.trim_start_matches(':').parse().ok());
    named.or_else(|| iana_time_zone::get_timezone().ok()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_name_languages() {
        assert_eq!(language("zh_CN.UTF-8"), Some(Lang::Zh));
        assert_eq!(language("EN"), Some(Lang::En));
        assert_eq!(language("C.UTF-8"), None);
        let env = |name: &str| (name == "LANG").then(|| "en_GB.UTF-8".to_owned());
        assert_eq!(from_environment(&env), Some(Lang::En));
        assert_eq!(from_environment(&|_| None), None);
    }

    #[test]
    fn the_zone_comes_from_tz_first() {
        assert_eq!(zone(&|name| (name == "TZ").then(|| ":Asia/Shanghai".to_owned())), Some(Tz::Asia__Shanghai));
    }
}
