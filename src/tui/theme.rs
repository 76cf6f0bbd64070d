//! Themes: every style has a role's name; TOML files say what the roles look like. Nothing on a screen is told by
//! colour alone, so a theme may leave all colours out.

use std::sync::Arc;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    #[default]
    True,
    Indexed,
    Sixteen,
    None,
}

impl Depth {
    /// From the variables that terminals and people set; `NO_COLOR` counts when it is not empty.
    pub fn of(term: Option<&str>, colorterm: Option<&str>, no_color: Option<&str>) -> Self {
        if no_color.is_some_and(|v| !v.is_empty()) {
            return Self::None;
        }
        if matches!(colorterm, Some("truecolor" | "24bit")) {
            return Self::True;
        }
        match term.unwrap_or_default() {
            "" | "dumb" => Self::None,
            t if t.starts_with("vt") => Self::None,
            t if t.contains("direct") => Self::True,
            t if t.contains("256") || t.contains("kitty") || t.contains("alacritty") || t.contains("ghostty") => {
                Self::Indexed
            }
            _ => Self::Sixteen,
        }
    }

    /// From most to fewest.
    const ALL: [(Self, &'static str); 4] =
        [(Self::True, "24-bit"), (Self::Indexed, "256"), (Self::Sixteen, "16"), (Self::None, "none")];

    /// In settings, and on the screen but for `none`.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(depth, _)| *depth == self).expect("all are listed").1
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, of)| *of == name).map(|(depth, _)| *depth)
    }

    /// The next one with fewer colours; after none all again.
    #[must_use]
    pub fn next(self) -> Self {
        let behind = Self::ALL.iter().skip_while(|(depth, _)| *depth != self).nth(1);
        behind.unwrap_or(&Self::ALL[0]).0
    }
}

macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident $field:ident),* $(,)?) => {
        /// What a piece of the screen is, for its style.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Role { $($(#[$doc])* $role),* }

        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            /// What lies under everything; a theme whose colours need a background says it here.
            #[serde(default)]
            screen: Look,
            $($field: Look),*
        }

        impl File {
            fn look(&self, role: Role) -> &Look {
                match role { $(Role::$role => &self.$field),* }
            }
        }

        const ROLES: &[Role] = &[$(Role::$role),*];
    };
}

roles! {
    /// Ordinary text.
    Text text,
    /// Labels, second-rank text, old rows while newer ones load.
    Dim dim,
    /// Lines of boxes.
    Border border,
    /// The box that has the keys.
    BorderFocus border_focus,
    /// A box's or screen's name.
    Title title,
    /// Column heads.
    Head head,
    /// The selected row, under its bar.
    Selected selected,
    /// The bar `▌` before the selected row.
    Bar bar,
    /// Marked rows and their tick.
    Marked marked,
    /// Letters that a search matched.
    Match matched,
    /// A key's name on the bottom line and in help.
    Key key,
    /// The open tab.
    TabOn tab_on,
    /// The other tabs.
    Tab tab,
    /// What a person is asked to look at: focus, links, codes.
    Accent accent,
    Good good,
    Warn warn,
    Bad bad,
    /// A value that changed a moment ago.
    Fresh fresh,
    /// A row that no longer belongs here.
    Gone gone,
    /// A field or line being typed in.
    Input input,
    /// The place of a mistake in typed text.
    Mistake mistake,
    /// A message on the status line.
    Toast toast,
}

/// A role's look in a theme file. Colours are names or `#rrggbb`; what is left out is the terminal's own.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in a theme file")]
struct Look {
    fg: Option<Color>,
    bg: Option<Color>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    reverse: bool,
    strike: bool,
}

/// One person's theme, resolved for their terminal's colours.
#[derive(Clone, Debug)]
pub struct Theme {
    styles: Vec<Style>,
    /// Of what has no colours of its own.
    screen: Style,
    depth: Depth,
    /// What it is made from, for terminals of other depths.
    file: Arc<File>,
}

/// What lies under a screen: the colours of what has none of its own, as far as a theme says them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ground {
    fg: Option<Color>,
    bg: Option<Color>,
}

/// The embedded themes by name.
pub const THEMES: &[(&str, &str)] = &[
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    ("high-contrast", include_str!("../../themes/high-contrast.toml")),
    ("mono", include_str!("../../themes/mono.toml")),
];

impl Theme {
    /// An embedded theme; `None` for an unknown name.
    pub fn named(name: &str, depth: Depth) -> Option<Self> {
        let (_, toml) = THEMES.iter().find(|(n, _)| *n == name)?;
        Some(Self::parse(toml, depth).expect("embedded themes are tested"))
    }

    /// A theme from TOML. Unknown roles and attributes are errors.
    pub fn parse(toml: &str, depth: Depth) -> Result<Self, toml::de::Error> {
        Ok(Self::of(Arc::new(toml::from_str(toml)?), depth))
    }

    fn of(file: Arc<File>, depth: Depth) -> Self {
        let styles = ROLES.iter().map(|&role| file.look(role).style(depth)).collect();
        // Where there are no colours, a background would be reverse everywhere.
        let screen = if depth == Depth::None { Style::default() } else { file.screen.style(depth) };
        Self { styles, screen, depth, file }
    }

    /// The same theme in so many colours.
    #[must_use]
    pub fn at(&self, depth: Depth) -> Self {
        Self::of(Arc::clone(&self.file), depth)
    }

    pub fn depth(&self) -> Depth {
        self.depth
    }

    /// The colours that it has for text, each once.
    pub fn colours(&self) -> Vec<Color> {
        let mut colours = Vec::new();
        for colour in self.styles.iter().filter_map(|style| style.fg) {
            if colour != Color::Reset && !colours.contains(&colour) {
                colours.push(colour);
            }
        }
        colours
    }

    /// An embedded theme in the colours of the same terminal.
    pub fn another(&self, name: &str) -> Option<Self> {
        Self::named(name, self.depth)
    }

    /// Gives what has no colours of its own those of the screen.
    pub fn paint(&self, buf: &mut Buffer) {
        if self.screen == Style::default() {
            return;
        }
        for cell in &mut buf.content {
            if let (Some(bg), Color::Reset) = (self.screen.bg, cell.bg) {
                cell.bg = bg;
            }
            if let (Some(fg), Color::Reset) = (self.screen.fg, cell.fg) {
                cell.fg = fg;
            }
        }
    }

    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    pub fn ground(&self) -> Ground {
        Ground { fg: self.screen.fg, bg: self.screen.bg }
    }

    /// Makes a cell that was drawn over that ground, for another terminal, one for this terminal and theme. Colours stay,
    /// as near as there are; a ground that differs is brought along.
    pub fn adopt(&self, cell: &mut Cell, theirs: Ground) {
        if self.depth == Depth::None {
            let is_ground = cell.bg == Color::Reset || Some(cell.bg) == theirs.bg;
            if !is_ground {
                cell.modifier.insert(Modifier::REVERSED);
            }
            (cell.fg, cell.bg) = (Color::Reset, Color::Reset);
            return;
        }
        let ours = self.ground();
        // A theme without a ground is made for dark terminals.
        if ours != Ground::default() || theirs != Ground::default() {
            if cell.fg == Color::Reset {
                cell.fg = theirs.fg.unwrap_or(Color::Gray);
            }
            if cell.bg == Color::Reset {
                cell.bg = theirs.bg.unwrap_or(Color::Black);
            }
        }
        cell.fg = fit(cell.fg, self.depth).unwrap_or_default();
        cell.bg = fit(cell.bg, self.depth).unwrap_or_default();
    }
}

impl Look {
    fn style(&self, depth: Depth) -> Style {
        let (fg, bg) = (self.fg.and_then(|c| fit(c, depth)), self.bg.and_then(|c| fit(c, depth)));
        let mut style = Style { fg, bg, ..Style::default() };
        // A background that the terminal cannot show still has to be seen.
        let reverse = self.reverse || (self.bg.is_some() && depth == Depth::None);
        for (on, modifier) in [
            (self.bold, Modifier::BOLD),
            (self.dim, Modifier::DIM),
            (self.italic, Modifier::ITALIC),
            (self.underline, Modifier::UNDERLINED),
            (reverse, Modifier::REVERSED),
            (self.strike, Modifier::CROSSED_OUT),
        ] {
            if on {
                style = style.add_modifier(modifier);
            }
        }
        style
    }
}

/// The nearest colour that the terminal has.
fn fit(color: Color, depth: Depth) -> Option<Color> {
    let Color::Rgb(r, g, b) = (match color {
        // The cube and the greys, which sixteen colours do not have.
        Color::Indexed(n @ 16..) if depth == Depth::Sixteen => of_index(n),
        color => color,
    }) else {
        return (depth != Depth::None).then_some(color);
    };
    match depth {
        Depth::True => Some(color),
        Depth::Indexed => Some(Color::Indexed(indexed(r, g, b))),
        Depth::Sixteen => Some(sixteen(r, g, b)),
        Depth::None => None,
    }
}

/// The steps of the cube of 256 colours.
const LEVELS: [i32; 6] = [0, 95, 135, 175, 215, 255];

/// The colour of this number from 16 on.
fn of_index(n: u8) -> Color {
    if n >= 232 {
        let grey = 8 + 10 * (n - 232);
        return Color::Rgb(grey, grey, grey);
    }
    let n = usize::from(n.saturating_sub(16));
    let [r, g, b] = [n / 36, n / 6 % 6, n % 6].map(|i| LEVELS[i] as u8);
    Color::Rgb(r, g, b)
}

/// The nearer of the closest cube colour and the closest grey.
fn indexed(r: u8, g: u8, b: u8) -> u8 {
    let rgb = [i32::from(r), i32::from(g), i32::from(b)];
    let step = |v: i32| (0..6).min_by_key(|&i| (LEVELS[i] - v).abs()).expect("six levels");
    let cube = rgb.map(step);
    let grey = ((rgb.iter().sum::<i32>() / 3 - 3) / 10).clamp(0, 23);
    let away = |c: [i32; 3]| -> i32 { c.iter().zip(rgb).map(|(a, b)| (a - b) * (a - b)).sum() };
    if away(cube.map(|i| LEVELS[i])) <= away([8 + 10 * grey; 3]) {
        (16 + 36 * cube[0] + 6 * cube[1] + cube[2]) as u8
    } else {
        (232 + grey) as u8
    }
}

fn sixteen(r: u8, g: u8, b: u8) -> Color {
    const TABLE: [(Color, [i32; 3]); 16] = [
        (Color::Black, [0, 0, 0]),
        (Color::Red, [170, 0, 0]),
        (Color::Green, [0, 170, 0]),
        (Color::Yellow, [170, 120, 0]),
        (Color::Blue, [0, 0, 170]),
        (Color::Magenta, [170, 0, 170]),
        (Color::Cyan, [0, 170, 170]),
        (Color::Gray, [180, 180, 180]),
        (Color::DarkGray, [90, 90, 90]),
        (Color::LightRed, [255, 100, 100]),
        (Color::LightGreen, [100, 255, 100]),
        (Color::LightYellow, [255, 255, 100]),
        (Color::LightBlue, [110, 140, 255]),
        (Color::LightMagenta, [255, 110, 255]),
        (Color::LightCyan, [100, 255, 255]),
        (Color::White, [255, 255, 255]),
    ];
    let away = |c: &[i32; 3]| {
        let d = [c[0] - i32::from(r), c[1] - i32::from(g), c[2] - i32::from(b)];
        d[0] * d[0] + d[1] * d[1] + d[2] * d[2]
    };
    TABLE.iter().min_by_key(|(_, c)| away(c)).expect("the table has sixteen rows").0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_loads_at_every_depth() {
        for (name, _) in THEMES {
            for depth in [Depth::True, Depth::Indexed, Depth::Sixteen, Depth::None] {
                let theme = Theme::named(name, depth).expect("listed themes exist");
                assert_ne!(theme.style(Role::Selected), theme.style(Role::Text), "{name}: the selection is seen");
                if depth == Depth::None {
                    assert!(theme.styles.iter().all(|s| s.fg.is_none() && s.bg.is_none()), "{name}");
                }
            }
        }
    }

    #[test]
    fn a_theme_for_a_background_paints_it_and_the_others_leave_the_terminals_own() {
        for (name, painted) in [("light", true), ("high-contrast", true), ("dark", false), ("mono", false)] {
            let mut buf = Buffer::empty(ratatui::layout::Rect::new(0, 0, 4, 1));
            buf.set_string(0, 0, "x", Style::new().fg(Color::Red));
            Theme::named(name, Depth::True).expect("embedded").paint(&mut buf);
            assert_eq!(buf[(0, 0)].fg, Color::Red, "{name}");
            assert_eq!(buf[(0, 0)].bg != Color::Reset && buf[(3, 0)].fg != Color::Reset, painted, "{name}");
            let none = Theme::named(name, Depth::None).expect("embedded");
            none.paint(&mut buf);
            assert_eq!(none.screen, Style::default(), "{name}");
        }
    }

    #[test]
    fn what_another_terminal_shows_is_seen_in_ones_own_colours() {
        let theme = |name: &str, depth| Theme::named(name, depth).expect("embedded");
        let cell = |fg, bg| {
            let mut cell = Cell::new("x");
            cell.set_fg(fg).set_bg(bg);
            cell
        };
        let seen = |by: &Theme, of: &Theme, fg, bg| {
            let mut cell = cell(fg, bg);
            by.adopt(&mut cell, of.ground());
            (cell.fg, cell.bg, cell.modifier.contains(Modifier::REVERSED))
        };
        let (dark, light) = (theme("dark", Depth::True), theme("light", Depth::True));
        let red = Color::Rgb(255, 0, 0);
        assert_eq!(seen(&dark, &dark, red, Color::Reset), (red, Color::Reset, false), "as it is");
        let (fg, bg, _) = seen(&light, &dark, Color::Reset, Color::Reset);
        assert_eq!((fg, bg), (Color::Gray, Color::Black), "light text stays on dark");
        let ground = light.ground();
        assert_eq!(seen(&dark, &light, Color::Reset, red).0, ground.fg.expect("light has a ground"));
        let (indexed, sixteen) = (theme("dark", Depth::Indexed), theme("dark", Depth::Sixteen));
        assert_eq!(seen(&indexed, &dark, red, Color::Reset).0, Color::Indexed(196));
        assert_eq!(seen(&sixteen, &indexed, Color::Indexed(196), Color::Reset).0, sixteen_of(196));
        let none = theme("dark", Depth::None);
        assert_eq!(seen(&none, &dark, red, red), (Color::Reset, Color::Reset, true), "a background is still seen");
        assert!(!seen(&none, &light, red, ground.bg.expect("light has a ground")).2);
    }

    fn sixteen_of(n: u8) -> Color {
        let Color::Rgb(r, g, b) = of_index(n) else { panic!("{n}") };
        assert_eq!(indexed(r, g, b), n);
        sixteen(r, g, b)
    }

    #[test]
    fn unknown_keys_are_errors() {
        let dark = THEMES[0].1;
        assert!(Theme::parse(&format!("{dark}\n[sparkle]\nfg = \"red\"\n"), Depth::True).is_err());
        assert!(Theme::parse(&dark.replacen("fg", "foreground", 1), Depth::True).is_err());
    }

    #[test]
    fn colours_come_down_to_what_the_terminal_has() {
        assert_eq!(Depth::of(Some("xterm-256color"), None, None), Depth::Indexed);
        assert_eq!(Depth::of(Some("xterm-256color"), Some("truecolor"), None), Depth::True);
        assert_eq!(Depth::of(Some("xterm-256color"), Some("truecolor"), Some("1")), Depth::None);
        assert_eq!(Depth::of(Some("vt220"), None, None), Depth::None);
        assert_eq!(Depth::of(Some("linux"), None, Some("")), Depth::Sixteen);
        assert_eq!(indexed(255, 0, 0), 196);
        assert_eq!(indexed(255, 255, 255), 231);
        assert_eq!(sixteen(250, 90, 90), Color::LightRed);
    }
}
