# Commands: the sentence is for help and palette, .short for the bottom line.
cmd-down = Down
cmd-up = Up
cmd-page-down = A page down
cmd-page-up = A page up
cmd-top = To the first
cmd-bottom = To the last
cmd-open = Open the record
    .short = open
cmd-left = To the list
cmd-right = To the record beside the list
cmd-next-pane = To the other pane
cmd-new = New record
    .short = new
cmd-edit = Edit the record
    .short = edit
cmd-assign = Assign to somebody
    .short = assign
cmd-priority = Set the priority
    .short = priority
cmd-status = Set status or stage
    .short = status
cmd-tag = Add or remove tags
    .short = tag
cmd-do = Do… every action here
    .short = do…
cmd-delete = Delete to the recycle bin
    .short = delete
cmd-restore = Restore from the recycle bin
    .short = restore
cmd-filter = Filter with words and fields
    .short = filter
cmd-views = Saved views
    .short = views
cmd-columns = Sort and choose columns
    .short = columns
cmd-mark = Mark or unmark
    .short = mark
cmd-mark-range = Mark a range from the last mark
cmd-mark-all = Mark all that match
cmd-repeat = The last action again here
cmd-copy-code = Copy the number
    .short = number
cmd-copy-mail = Copy the mail address
    .short = mail
cmd-copy-row = Copy the row
    .short = row
cmd-search-up = The choice above
cmd-search-down = The choice below
cmd-search-take = Take the suggestion
    .short = complete
cmd-search-done = Done
    .short = done
cmd-menu-down = The choice below
cmd-menu-up = The choice above
cmd-menu-top = The first choice
cmd-menu-bottom = The last choice
cmd-menu-take = Take the choice
    .short = take
cmd-menu-toggle = Switch the choice on or off
    .short = switch
cmd-menu-earlier = Move the choice up
cmd-menu-later = Move the choice down
cmd-close = Close
    .short = close
cmd-contacts = Contacts
    .short = contacts
cmd-pipeline = Pipeline
    .short = pipeline
cmd-tickets = Tickets
    .short = tickets
cmd-back = Back out
    .short = back
cmd-jump-back = Back to before the last jump
cmd-undo = Undo my last action
    .short = undo
cmd-redo = Redo
cmd-leave = Leave frontdesk
    .short = leave
cmd-palette-colon = Commands, views and records by name
cmd-keys = All keys here
    .short = keys
cmd-palette = Commands, views and records by name
    .short = command
cmd-help = All keys here
cmd-redraw = Redraw and take in waiting changes
    .short = now

# Frame and status line.
paste-offer = Pasted text does nothing here: press / first to filter by it
input-method-on = Your input method is on: switch it off for keys, or press / to type Chinese
ctrl-c-hint = Ctrl-c is Esc here · y copies · q q leaves
key-unbound = { $key } does nothing here · { $help } shows all keys
leave-unsaved = There is unsaved text. Leave anyway? It is kept as a draft.
undo-again = { $key } again takes back: { $what }
undo-nothing = Nothing to undo
undone = { $n ->
    [one] Undone, 1 record
   *[other] Undone, { $n } records
}
undone-but = Undone { $n }; { $failed } left as they are: { $code } { $reason }

# Lists.
list-marked = { $n } marked

# Forms, records, pickers, history: keys below this line.
