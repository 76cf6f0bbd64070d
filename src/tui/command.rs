//! The command table: the one list of what keys can ask for. Dispatcher, bottom line, help, palette and the printed
//! documentation are made from it. A command's title is the catalogue's `cmd-<name>`, its bottom-line word `.short`.

use super::layer::Subject;
use super::ui::Ui;
use crate::domain::kind::{COMPANY, CONTACT, DEAL, KindId, TICKET};
use crate::domain::right::Permission;

/// What calls, meetings and tasks are about.
const TOUCHED: &[KindId] = &[CONTACT, COMPANY, DEAL, TICKET];

/// Where a binding applies. A layer names its scopes, innermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// The pipeline as a board of columns; what its rows do not say, those of lists do.
    Board,
    /// The pipeline as a table.
    Table,
    /// Lists of records.
    List,
    /// The line being typed in `/`, the palette and other one-line searches.
    Search,
    /// A line that completes what is typed.
    Complete,
    /// A box of choices.
    Menu,
    /// A box of choices that are each on or off, in an order of their own.
    Switches,
    /// A person's own work of today.
    Home,
    /// Notices.
    Inbox,
    /// The first questions.
    Welcome,
    /// Which notices a person wants.
    Notices,
    /// Who sits where.
    Seats,
    /// Whether a colleague may see one's screen.
    Consent,
    /// A colleague's screen.
    Seeing,
    /// What roles may.
    Roles,
    /// Who may come in.
    People,
    /// A file on its way into records.
    Import,
    /// Pages of figures.
    Dashboard,
    /// One record.
    Record,
    /// A form.
    Form,
    /// A form's conflicts, field by field.
    Settle,
    /// Logging a touch.
    Log,
    /// Filing a ticket by fixed letters.
    File,
    /// What happens to a reply that is written.
    Send,
    /// A field of such a strip.
    SendField,
    /// A picker of records.
    Picker,
    /// A reply to a customer, in the many-line editor.
    Reply,
    /// The many-line editor.
    Editor,
    /// Lists of changes.
    History,
    /// A yes-or-no question.
    Confirm,
    /// Boxes over a screen: what closes them.
    Popup,
    /// Boxes in which text is typed: what closes them.
    Dialog,
    /// All full screens: tabs, undo, leaving.
    Main,
    /// Everywhere, editors and popups too.
    Everywhere,
}

/// What must be there for a command to make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    /// A record under the cursor, open, or marked.
    Record,
    /// A kind with a field of one of these names, and a record.
    Field(&'static [&'static str]),
    /// This kind, whether or not a record is there.
    Kind(KindId),
    /// A person who is an admin.
    Admin,
    /// A person who manages users.
    Users,
    /// A record of one of these kinds.
    Kinds(&'static [KindId]),
}

/// Where a command stands in the `d` menu. Commands without a group only move, or repeat another's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// What is done to the record, form or box at hand.
    Here,
    /// The list as a whole.
    List,
    /// Other places.
    Go,
    /// The program.
    Program,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    pub id: Cmd,
    /// In `keys.toml` and the catalogue.
    pub name: &'static str,
    pub scope: Scope,
    /// Default keys; a sequence has blanks between its strokes (`g c`).
    pub keys: &'static [&'static str],
    pub needs: Needs,
    /// Asks before it acts on many.
    pub confirms: bool,
    /// Place on the bottom line, smallest first; 0: not shown there.
    pub line: u8,
    pub group: Option<Group>,
}

impl Command {
    pub fn title_key(&self) -> String {
        format!("cmd-{}", self.name)
    }

    /// Opens the menu of all that can be done here.
    pub fn is_menu(&self) -> bool {
        use Cmd::{
            DashDo, Do, EditorDo, FormDo, HistoryDo, HomeDo, ImportDo, InboxDo, PeopleDo, RecordDo, RolesDo, SeatsDo,
            SettleDo, SwitchesDo,
        };
        matches!(
            self.id,
            Do | DashDo
                | HomeDo
                | ImportDo
                | InboxDo
                | PeopleDo
                | SeatsDo
                | RolesDo
                | RecordDo
                | HistoryDo
                | FormDo
                | SettleDo
                | EditorDo
                | SwitchesDo
        )
    }

    /// Stands on the bottom line however narrow it is: with these three a person finds everything else.
    pub fn is_anchor(&self) -> bool {
        self.is_menu()
            || matches!(
                self.id,
                Cmd::Filter
                    | Cmd::HomeList
                    | Cmd::ImportRun
                    | Cmd::InboxRead
                    | Cmd::SeatsEnd
                    | Cmd::RolesCycle
                    | Cmd::PeopleInvite
                    | Cmd::DashPeriod
                    | Cmd::Keys
            )
    }

    /// True when the command can do something to this subject.
    pub fn fits(&self, subject: &Subject, ui: &Ui) -> bool {
        let has_record = subject.record.is_some() || subject.marked > 0;
        match self.needs {
            Needs::Nothing => true,
            Needs::Record => has_record,
            Needs::Kind(kind) => subject.kind == Some(kind),
            Needs::Admin => ui.cx.viewer.me.is_admin(),
            Needs::Users => ui.cx.viewer.me.rights.may(Permission::Users),
            Needs::Kinds(kinds) => has_record && subject.kind.is_some_and(|kind| kinds.contains(&kind)),
            Needs::Field(names) => {
                let has_field = |kind| names.iter().any(|name| ui.registry.kind(kind).field(name).is_some());
                has_record && subject.kind.is_some_and(has_field)
            }
        }
    }
}

/// The row of a command.
pub fn command(id: Cmd) -> &'static Command {
    COMMANDS.iter().find(|c| c.id == id).expect("every command has a row")
}

macro_rules! commands {
    (@group) => { None };
    (@group $group:ident) => { Some(Group::$group) };
    ($($id:ident $name:literal $scope:ident [$($key:literal),*] $needs:expr, $confirms:literal, $line:literal
        $(, $group:ident)?;)*) => {
        /// What a key asks for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Cmd { $($id),* }

        use Needs::{Admin, Field, Kind, Kinds, Nothing, Record, Users};

        pub const COMMANDS: &[Command] = &[$(Command {
            id: Cmd::$id, name: $name, scope: Scope::$scope, keys: &[$($key),*], needs: $needs, confirms: $confirms,
            line: $line, group: commands!(@group $($group)?),
        }),*];
    };
}

commands! {
    // The pipeline.
    BoardLeft "board-left" Board ["h", "left", "backtab"] Nothing, false, 0;
    BoardRight "board-right" Board ["l", "right", "tab"] Nothing, false, 0;
    CardBack "card-back" Board ["H", "shift-left"] Record, true, 13, Here;
    CardOn "card-on" Board ["L", "shift-right"] Record, true, 14, Here;
    BoardTable "board-table" Board ["o", "b"] Nothing, false, 32, List;
    Pipelines "pipelines" Board ["P"] Nothing, false, 0, List;
    TableBoard "table-board" Table ["b"] Nothing, false, 31, List;

    // Lists of records.
    Down "down" List ["j", "down"] Nothing, false, 0;
    Up "up" List ["k", "up"] Nothing, false, 0;
    PageDown "page-down" List ["pagedown"] Nothing, false, 0;
    PageUp "page-up" List ["pageup"] Nothing, false, 0;
    Top "top" List ["g g", "home"] Nothing, false, 0;
    Bottom "bottom" List ["G", "end"] Nothing, false, 0;
    Open "open" List ["enter"] Record, false, 10, Here;
    Left "left" List ["h", "left"] Nothing, false, 0;
    Right "right" List ["l", "right"] Nothing, false, 0;
    NextPane "next-pane" List ["tab"] Nothing, false, 0;
    New "new" List ["n"] Nothing, false, 11, List;
    Edit "edit" List ["e"] Record, false, 12, Here;
    Reply "reply" List ["r"] Kinds(&[TICKET]), false, 13, Here;
    Note "note" List ["i"] Kinds(&[TICKET]), false, 14, Here;
    File "file" List ["f"] Kinds(&[TICKET]), true, 15, Here;
    Log "log" List ["c"] Kinds(TOUCHED), false, 15, Here;
    Pull "pull" List ["N"] Kind(TICKET), false, 16, List;
    Assign "assign" List ["a"] Field(&["owner"]), true, 20, Here;
    Priority "priority" List ["p"] Field(&["priority"]), true, 21, Here;
    Status "status" List ["s"] Field(&["status", "stage", "lifecycle"]), true, 22, Here;
    Tag "tag" List ["t"] Field(&["tags"]), true, 23, Here;
    Snooze "snooze" List ["z"] Kinds(&[TICKET]), true, 0, Here;
    Macro "macro" List ["m"] Record, true, 25, Here;
    Watch "watch" List ["w"] Field(&["watching"]), false, 0, Here;
    Advance "advance" List [] Kind(TICKET), false, 0, Program;
    Do "do" List ["d"] Nothing, false, 24;
    Delete "delete" List ["d d", "delete"] Record, true, 0, Here;
    Restore "restore" List ["d r"] Record, true, 0, Here;
    History "history" List ["d h"] Record, false, 0, Here;
    Filter "filter" List ["/", "ctrl-f"] Nothing, false, 30, List;
    Views "views" List ["v"] Nothing, false, 31, List;
    Columns "columns" List ["o"] Nothing, false, 32, List;
    Mark "mark" List ["space", "x"] Record, false, 33, List;
    MarkRange "mark-range" List ["V"] Record, false, 0, List;
    MarkAll "mark-all" List ["*"] Nothing, false, 0, List;
    Repeat "repeat" List ["."] Record, true, 0, Here;
    CopyCode "copy-code" List ["y n"] Record, false, 0, Here;
    CopyMail "copy-mail" List ["y m"] Field(&["email", "contact"]), false, 0, Here;
    CopyRow "copy-row" List ["y y"] Record, false, 0, Here;
    Plain "plain" List ["y v"] Nothing, false, 0, List;

    // One-line searches.
    SearchUp "search-up" Search ["up", "ctrl-p"] Nothing, false, 0;
    SearchDown "search-down" Search ["down", "ctrl-n"] Nothing, false, 0;
    SearchTake "search-take" Complete ["tab"] Nothing, false, 2;
    SearchDone "search-done" Search ["enter"] Nothing, false, 1;

    // Boxes of choices.
    MenuDown "menu-down" Menu ["j", "down", "tab"] Nothing, false, 0;
    MenuUp "menu-up" Menu ["k", "up", "backtab"] Nothing, false, 0;
    MenuTop "menu-top" Menu ["g g", "home", "pageup"] Nothing, false, 0;
    MenuBottom "menu-bottom" Menu ["G", "end", "pagedown"] Nothing, false, 0;
    MenuTake "menu-take" Menu ["enter"] Nothing, false, 1;
    MenuToggle "menu-toggle" Switches ["space", "x"] Nothing, false, 2, Here;
    MenuEarlier "menu-earlier" Switches ["H", "shift-up"] Nothing, false, 0, Here;
    MenuLater "menu-later" Switches ["L", "shift-down"] Nothing, false, 0, Here;
    MenuGroup "menu-group" Switches ["b"] Nothing, false, 3, Here;
    SwitchesDo "switches-do" Switches ["d"] Nothing, false, 4;

    NoticesToggle "notices-toggle" Notices ["space", "x", "enter"] Nothing, false, 1;

    // The first questions.
    WelcomeOther "welcome-other" Welcome ["down", "up", "tab", "backtab"] Nothing, false, 0;
    WelcomeEnglish "welcome-english" Welcome ["e"] Nothing, false, 0;
    WelcomeChinese "welcome-chinese" Welcome ["z"] Nothing, false, 0;
    WelcomeColours "welcome-colours" Welcome ["c"] Nothing, false, 3;
    WelcomeLines "welcome-lines" Welcome ["p"] Nothing, false, 4;
    WelcomeGo "welcome-go" Welcome ["enter"] Nothing, false, 1;
    WelcomeSkip "welcome-skip" Welcome ["esc", "q", "ctrl-c"] Nothing, false, 2;

    // Boxes over a screen.
    Close "close" Popup ["esc", "q", "ctrl-c"] Nothing, false, 3;

    Dismiss "dismiss" Dialog ["esc", "ctrl-c"] Nothing, false, 4;
    Yes "yes" Confirm ["enter", "y"] Nothing, false, 1;
    No "no" Confirm ["n"] Nothing, false, 2;

    // Home.
    HomeDown "home-down" Home ["j", "down"] Nothing, false, 0;
    HomeUp "home-up" Home ["k", "up"] Nothing, false, 0;
    HomeTop "home-top" Home ["g g", "home"] Nothing, false, 0;
    HomeBottom "home-bottom" Home ["G", "end"] Nothing, false, 0;
    HomeNext "home-next" Home ["tab", "l", "right", "pagedown"] Nothing, false, 20;
    HomePrevious "home-previous" Home ["backtab", "h", "left", "pageup"] Nothing, false, 0;
    HomeOpen "home-open" Home ["enter"] Record, false, 10, Here;
    HomeDone "home-done" Home ["space", "x"] Field(&["done"]), false, 11, Here;
    HomeEdit "home-edit" Home ["e"] Record, false, 12, Here;
    HomeNew "home-new" Home ["n"] Nothing, false, 13, List;
    HomeDo "home-do" Home ["d"] Nothing, false, 24;
    HomeList "home-list" Home ["/", "ctrl-f"] Nothing, false, 30, List;

    // A file into records.
    ImportDown "import-down" Import ["j", "down", "tab"] Nothing, false, 0;
    ImportUp "import-up" Import ["k", "up", "backtab"] Nothing, false, 0;
    ImportPageDown "import-page-down" Import ["pagedown"] Nothing, false, 0;
    ImportPageUp "import-page-up" Import ["pageup"] Nothing, false, 0;
    ImportTop "import-top" Import ["g g", "home"] Nothing, false, 0;
    ImportBottom "import-bottom" Import ["G", "end"] Nothing, false, 0;
    ImportTake "import-take" Import ["enter", "space"] Nothing, false, 10, Here;
    ImportRun "import-run" Import ["ctrl-s"] Nothing, true, 11, Here;
    ImportFile "import-file" Import ["f", "/"] Nothing, false, 12, Here;
    ImportMatch "import-match" Import ["m"] Nothing, false, 13, Here;
    ImportRefs "import-refs" Import ["r"] Nothing, false, 14, Here;
    ImportDo "import-do" Import ["d"] Nothing, false, 24;

    // The inbox.
    InboxDown "inbox-down" Inbox ["j", "down"] Nothing, false, 0;
    InboxUp "inbox-up" Inbox ["k", "up"] Nothing, false, 0;
    InboxPageDown "inbox-page-down" Inbox ["pagedown"] Nothing, false, 0;
    InboxPageUp "inbox-page-up" Inbox ["pageup"] Nothing, false, 0;
    InboxTop "inbox-top" Inbox ["g g", "home"] Nothing, false, 0;
    InboxBottom "inbox-bottom" Inbox ["G", "end"] Nothing, false, 0;
    InboxOpen "inbox-open" Inbox ["enter"] Record, false, 10, Here;
    InboxRead "inbox-read" Inbox ["space", "x"] Record, false, 11, Here;
    InboxAllRead "inbox-all-read" Inbox ["*"] Nothing, false, 12, List;
    InboxView "inbox-view" Inbox ["v", "/", "ctrl-f"] Nothing, false, 13, List;
    InboxNotices "inbox-notices" Inbox ["o"] Nothing, false, 0, List;
    InboxDo "inbox-do" Inbox ["d"] Nothing, false, 24;
    InboxLeave "inbox-leave" Inbox ["h", "left", "tab"] Nothing, false, 0;

    // Who sits where.
    SeatsDown "seats-down" Seats ["j", "down"] Nothing, false, 0;
    SeatsUp "seats-up" Seats ["k", "up"] Nothing, false, 0;
    SeatsTop "seats-top" Seats ["g g", "home"] Nothing, false, 0;
    SeatsBottom "seats-bottom" Seats ["G", "end"] Nothing, false, 0;
    SeatsEnd "seats-end" Seats ["x", "delete"] Nothing, false, 10, Here;
    SeatsEndAll "seats-end-all" Seats ["X"] Nothing, false, 11, Here;
    SeatsTell "seats-tell" Seats ["a"] Nothing, false, 12, List;
    SeatsScreen "seats-screen" Seats ["w"] Nothing, false, 13, Here;
    SeatsDo "seats-do" Seats ["d"] Nothing, false, 24;
    SeatsLeave "seats-leave" Seats ["h", "left", "tab"] Nothing, false, 0;

    // A colleague's screen.
    ConsentYes "consent-yes" Consent ["ctrl-y"] Nothing, false, 1;
    ConsentNo "consent-no" Consent ["n"] Nothing, false, 2;
    SeeingLeave "seeing-leave" Seeing ["q", "esc", "ctrl-c", "f9"] Nothing, false, 1;
    SeeingLeft "seeing-left" Seeing ["left", "h"] Nothing, false, 0;
    SeeingDown "seeing-down" Seeing ["down", "j"] Nothing, false, 0;
    SeeingUp "seeing-up" Seeing ["up", "k"] Nothing, false, 0;
    SeeingRight "seeing-right" Seeing ["right", "l"] Nothing, false, 0;

    // What roles may.
    RolesDown "roles-down" Roles ["j", "down"] Nothing, false, 0;
    RolesUp "roles-up" Roles ["k", "up"] Nothing, false, 0;
    RolesLeft "roles-left" Roles ["h", "left"] Nothing, false, 0;
    RolesRight "roles-right" Roles ["l", "right"] Nothing, false, 0;
    RolesTop "roles-top" Roles ["g g", "home"] Nothing, false, 0;
    RolesBottom "roles-bottom" Roles ["G", "end"] Nothing, false, 0;
    RolesCycle "roles-cycle" Roles ["space", "enter"] Nothing, false, 10, Here;
    RolesNext "roles-next" Roles ["]", "tab"] Nothing, false, 11, List;
    RolesPrevious "roles-previous" Roles ["[", "backtab"] Nothing, false, 0, List;
    RolesNone "roles-none" Roles ["x"] Nothing, false, 0, Here;
    RolesOwn "roles-own" Roles ["o"] Nothing, false, 0, Here;
    RolesTeam "roles-team" Roles ["t"] Nothing, false, 0, Here;
    RolesAll "roles-all" Roles ["a"] Nothing, false, 0, Here;
    RolesUndo "roles-undo" Roles ["u"] Nothing, false, 12, Here;
    RolesNew "roles-new" Roles ["n"] Nothing, false, 13, List;
    RolesDelete "roles-delete" Roles ["X"] Nothing, false, 0, List;
    RolesDo "roles-do" Roles ["d"] Nothing, false, 24;
    // Who may come in.
    PeopleDown "people-down" People ["j", "down"] Nothing, false, 0;
    PeopleUp "people-up" People ["k", "up"] Nothing, false, 0;
    PeopleTop "people-top" People ["g g", "home"] Nothing, false, 0;
    PeopleBottom "people-bottom" People ["G", "end"] Nothing, false, 0;
    PeopleOpen "people-open" People ["enter"] Record, false, 16, Here;
    PeopleInvite "people-invite" People ["i"] Record, false, 10, Here;
    PeopleWithdraw "people-withdraw" People ["w"] Record, false, 0, Here;
    PeopleRole "people-role" People ["r"] Record, false, 11, Here;
    PeopleTeam "people-team" People ["t"] Record, false, 12, Here;
    PeopleSwitch "people-switch" People ["x", "delete"] Record, false, 13, Here;
    PeopleHandOver "people-hand-over" People ["o"] Record, false, 14, Here;
    PeopleAway "people-away" People ["a"] Record, false, 0, Here;
    PeopleFactorOff "people-factor-off" People ["f"] Record, false, 0, Here;
    PeopleNew "people-new" People ["n"] Nothing, false, 15, List;
    PeopleDo "people-do" People ["d"] Nothing, false, 24;
    PeopleLeave "people-leave" People ["h", "left", "tab"] Nothing, false, 0;

    // The dashboards.
    DashDown "dash-down" Dashboard ["j", "down"] Nothing, false, 0;
    DashUp "dash-up" Dashboard ["k", "up"] Nothing, false, 0;
    DashTop "dash-top" Dashboard ["g g", "home"] Nothing, false, 0;
    DashBottom "dash-bottom" Dashboard ["G", "end"] Nothing, false, 0;
    DashNext "dash-next" Dashboard ["tab", "l", "right", "pagedown"] Nothing, false, 20;
    DashPrevious "dash-previous" Dashboard ["backtab", "h", "left", "pageup"] Nothing, false, 0;
    DashOpen "dash-open" Dashboard ["enter"] Nothing, false, 10, Here;
    DashPage "dash-page" Dashboard ["v"] Nothing, false, 11, List;
    DashPeriod "dash-period" Dashboard ["p"] Nothing, false, 12, List;
    DashType "dash-type" Dashboard ["P", "/", "ctrl-f"] Nothing, false, 0, List;
    DashCompare "dash-compare" Dashboard ["c"] Nothing, false, 13, List;
    DashEarlier "dash-earlier" Dashboard ["H", "shift-left"] Nothing, false, 0, Here;
    DashLater "dash-later" Dashboard ["L", "shift-right"] Nothing, false, 0, Here;
    DashHide "dash-hide" Dashboard ["x", "delete"] Nothing, false, 0, Here;
    DashAll "dash-all" Dashboard ["X"] Nothing, false, 0, List;
    DashDo "dash-do" Dashboard ["d"] Nothing, false, 24;

    // All full screens.
    Home "home" Main ["1", "g h"] Nothing, false, 0, Go;
    Contacts "contacts" Main ["2", "g c"] Nothing, false, 0, Go;
    Pipeline "pipeline" Main ["3", "g p"] Nothing, false, 0, Go;
    Tickets "tickets" Main ["4", "g t"] Nothing, false, 0, Go;
    Dashboards "dashboards" Main ["5", "g d"] Nothing, false, 0, Go;
    Inbox "inbox" Main ["g i"] Nothing, false, 0, Go;
    Back "back" Main ["esc", "ctrl-c"] Nothing, false, 0;
    JumpBack "jump-back" Main ["backspace"] Nothing, false, 0, Go;
    Undo "undo" Main ["u"] Nothing, false, 40, Program;
    Redo "redo" Main ["ctrl-r"] Nothing, false, 0, Program;
    Notices "notices" Main [] Nothing, false, 0, Program;
    Import "import" Main [] Nothing, false, 0, List;
    Screen "screen" Main [] Nothing, false, 0, Program;
    Seats "seats" Main [] Users, false, 0, Program;
    Roles "roles" Main [] Admin, false, 0, Program;
    People "people" Main [] Users, false, 0, Program;
    Away "away" Main [] Nothing, false, 0, Program;
    Can "can" Main [] Record, false, 0, Here;
    MacroRecord "macro-record" Main [] Nothing, false, 0, Program;
    MacroEnd "macro-end" Main [] Nothing, false, 0;
    MacroDrop "macro-drop" Main [] Nothing, false, 0;
    Welcome "welcome" Main [] Nothing, false, 0, Program;
    Tour "tour" Main [] Nothing, false, 0, Program;
    TourNext "tour-next" Main ["ctrl-n"] Nothing, false, 0;
    TourEnd "tour-end" Main ["ctrl-x"] Nothing, false, 0;
    PlainOn "plain-on" Main [] Nothing, false, 0, Program;
    PlainOff "plain-off" Main [] Nothing, false, 0, Program;
    MouseOn "mouse-on" Main [] Nothing, false, 0, Program;
    MouseOff "mouse-off" Main [] Nothing, false, 0, Program;
    LanguageEnglish "language-english" Main [] Nothing, false, 0, Program;
    LanguageChinese "language-chinese" Main [] Nothing, false, 0, Program;
    ThemeDark "theme-dark" Main [] Nothing, false, 0, Program;
    ThemeLight "theme-light" Main [] Nothing, false, 0, Program;
    ThemeContrast "theme-contrast" Main [] Nothing, false, 0, Program;
    ThemeMono "theme-mono" Main [] Nothing, false, 0, Program;
    Leave "leave" Main ["q q"] Nothing, false, 60, Program;
    PaletteColon "palette-colon" Main [":"] Nothing, false, 0, Go;
    Keys "keys" Main ["?"] Nothing, false, 51, Program;

    // Everywhere.
    Palette "palette" Everywhere ["ctrl-k"] Nothing, false, 50, Go;
    Help "help" Everywhere ["f1"] Nothing, false, 0, Program;
    Showing "showing" Everywhere ["f9"] Nothing, false, 0, Program;
    Redraw "redraw" Everywhere ["ctrl-l"] Nothing, false, 0, Program;

    // Forms, records, pickers, history: rows below this line.
    RecordDown "record-down" Record ["j", "down"] Nothing, false, 0;
    RecordUp "record-up" Record ["k", "up"] Nothing, false, 0;
    RecordPageDown "record-page-down" Record ["pagedown"] Nothing, false, 0;
    RecordPageUp "record-page-up" Record ["pageup"] Nothing, false, 0;
    RecordTop "record-top" Record ["g g", "home"] Nothing, false, 0;
    RecordBottom "record-bottom" Record ["G", "end"] Nothing, false, 0;
    RecordReply "record-reply" Record ["r"] Kinds(&[TICKET]), false, 10, Here;
    RecordNote "record-note" Record ["i"] Record, false, 11, Here;
    RecordFile "record-file" Record ["f"] Kinds(&[TICKET]), false, 0, Here;
    RecordSnooze "record-snooze" Record ["z"] Kinds(&[TICKET]), false, 0, Here;
    RecordPull "record-pull" Record ["N"] Kind(TICKET), false, 0, Go;
    RecordNext "record-next" Record ["J"] Record, false, 0, Go;
    RecordPrevious "record-previous" Record ["K"] Record, false, 0, Go;
    RecordLog "record-log" Record ["c"] Kinds(TOUCHED), false, 12, Here;
    RecordEdit "record-edit" Record ["e"] Record, false, 13, Here;
    RecordAssign "record-assign" Record ["a"] Field(&["owner"]), false, 20, Here;
    RecordPriority "record-priority" Record ["p"] Field(&["priority"]), false, 21, Here;
    RecordStatus "record-status" Record ["s"] Field(&["status", "stage", "lifecycle"]), false, 22, Here;
    RecordTags "record-tags" Record ["t"] Field(&["tags"]), false, 23, Here;
    RecordMacro "record-macro" Record ["m"] Record, false, 25, Here;
    RecordWatch "record-watch" Record ["w"] Field(&["watching"]), false, 0, Here;
    RecordDo "record-do" Record ["d"] Nothing, false, 24;
    RecordHistory "record-history" Record ["d h"] Record, false, 0, Here;
    RecordDelete "record-delete" Record ["d d", "delete"] Record, false, 0, Here;
    RecordRestore "record-restore" Record ["d r"] Record, false, 0, Here;
    RecordRepeat "record-repeat" Record ["."] Record, false, 0, Here;
    RecordCode "record-copy" Record ["y n", "y y"] Record, false, 0, Here;
    RecordMail "record-copy-mail" Record ["y m"] Field(&["email"]), false, 0, Here;
    RecordPlain "record-plain" Record ["y v"] Record, false, 0, Here;
    RecordOpen "record-open" Record ["enter"] Nothing, false, 14, Here;
    RecordLeave "record-leave" Record ["h", "left", "tab", "backtab"] Nothing, false, 0, Here;

    FormSave "form-save" Form ["ctrl-s"] Nothing, false, 1, Here;
    FormNext "form-next" Form ["tab", "down", "enter"] Nothing, false, 2;
    FormPrevious "form-previous" Form ["backtab", "up"] Nothing, false, 3;
    FormPageDown "form-page-down" Form ["pagedown"] Nothing, false, 0;
    FormPageUp "form-page-up" Form ["pageup"] Nothing, false, 0;
    FormLeave "form-leave" Form ["esc", "ctrl-c"] Nothing, false, 4, Here;
    FormDraft "form-draft" Form ["ctrl-o"] Nothing, false, 0, Here;
    FormDiscard "form-discard" Form ["ctrl-x"] Nothing, false, 5, Here;
    FormOwn "form-own" Form ["f4"] Nothing, false, 0, Here;
    FormTwin "form-twin" Form ["ctrl-g"] Nothing, false, 0, Here;
    FormDo "form-do" Form [] Nothing, false, 0;
    SettleMine "settle-mine" Settle ["m"] Nothing, false, 1, Here;
    SettleTheirs "settle-theirs" Settle ["t"] Nothing, false, 2, Here;
    SettleBoth "settle-both" Settle ["b"] Nothing, false, 3, Here;
    SettleDown "settle-down" Settle ["j", "down", "tab"] Nothing, false, 0;
    SettleUp "settle-up" Settle ["k", "up", "backtab"] Nothing, false, 0;
    SettleSave "settle-save" Settle ["enter", "ctrl-s"] Nothing, false, 4, Here;
    SettleLeave "settle-leave" Settle ["esc", "ctrl-c"] Nothing, false, 5, Here;
    SettleDo "settle-do" Settle ["d"] Nothing, false, 6;

    FieldAdd "field-add" List [] Nothing, false, 0, List;

    PickerLeave "picker-leave" Picker ["esc", "ctrl-c"] Nothing, false, 1;

    ReplySend "reply-send" Reply ["ctrl-s"] Nothing, false, 1, Here;
    EditorCanned "editor-canned" Reply ["ctrl-t"] Nothing, false, 2, Here;
    EditorSave "editor-save" Editor ["ctrl-s"] Nothing, false, 1, Here;
    EditorOwn "editor-own" Editor ["f4"] Nothing, false, 0, Here;
    EditorLeave "editor-leave" Editor ["esc", "ctrl-c"] Nothing, false, 3, Here;
    EditorDo "editor-do" Editor ["tab"] Nothing, false, 4;

    FileTake "file-take" File ["enter"] Nothing, false, 1;
    FileBack "file-back" File ["backspace", "left", "backtab"] Nothing, false, 2;
    SendUsual "send-usual" Send ["enter"] Nothing, false, 1;
    SendSolve "send-solve" Send ["s"] Nothing, false, 2;
    SendPending "send-pending" Send ["p"] Nothing, false, 3;
    SendOpen "send-open" Send ["o"] Nothing, false, 4;
    SendEdit "send-edit" Send ["tab", "down"] Nothing, false, 5;
    SendNext "send-next" SendField ["tab", "down", "enter"] Nothing, false, 1;
    SendPrevious "send-previous" SendField ["backtab", "up"] Nothing, false, 2;

    LogSave "log-save" Log ["enter", "ctrl-s"] Nothing, false, 1;
    LogKind "log-kind" Log ["tab"] Nothing, false, 2;
    LogLeave "log-leave" Log ["esc", "ctrl-c"] Nothing, false, 3;

    HistoryDown "history-down" History ["j", "down"] Nothing, false, 0;
    HistoryUp "history-up" History ["k", "up"] Nothing, false, 0;
    HistoryTop "history-top" History ["g g", "home"] Nothing, false, 0;
    HistoryBottom "history-bottom" History ["G", "end"] Nothing, false, 0;
    HistoryUndo "history-undo" History ["u"] Nothing, true, 1, Here;
    HistoryLeave "history-leave" History ["esc", "h", "left", "ctrl-c"] Nothing, false, 2, Here;
    HistoryDo "history-do" History ["d"] Nothing, false, 3;
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique() {
        let mut seen = HashSet::new();
        for command in COMMANDS {
            assert!(seen.insert(command.name), "{} is there twice", command.name);
        }
    }

    #[test]
    fn needs_are_told_from_the_registry_and_the_person() {
        let mut ui = crate::tui::stage::ui(crate::domain::field::Lang::En, 80, 24);
        let kind = Some(crate::domain::kind::CONTACT);
        let contact = Subject { kind, record: Some(1), marked: 0 };
        assert!(command(Cmd::Assign).fits(&contact, &ui));
        assert!(!command(Cmd::Priority).fits(&contact, &ui), "contacts have no priority");
        let product = Subject { kind: Some(crate::domain::kind::PRODUCT), ..contact.clone() };
        assert!(command(Cmd::Log).fits(&contact, &ui) && !command(Cmd::Log).fits(&product, &ui));
        assert!(!command(Cmd::Open).fits(&Subject { kind, ..Subject::default() }, &ui));
        assert!(command(Cmd::Seats).fits(&contact, &ui));
        ui.cx.viewer.me.role = "sales".into();
        assert!(command(Cmd::Seats).fits(&contact, &ui), "that is of who manages users");
        assert!(!command(Cmd::Roles).fits(&contact, &ui), "that is an admin's");
        ui.cx.viewer.me.rights = std::sync::Arc::new(crate::domain::right::Rights::of_team());
        assert!(!command(Cmd::Seats).fits(&contact, &ui), "nor that");
    }
}
