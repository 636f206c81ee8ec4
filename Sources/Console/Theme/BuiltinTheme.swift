/// The theme that is always there, whatever became of the theme files: `themes/default-dark.toml` as
/// it is shipped.
enum BuiltinTheme {
  static let name = "default-dark"
  static let text = #"""
    # The theme for dark terminals. Copy it under another name and change what you like: a file may also
    # say `inherits = "default-dark"` in [meta] and name only what differs.

    [meta]
    name = "default-dark"
    background = "dark"

    # Names for colours: "#rrggbb", 0 to 255, an ANSI name, or a table that says what stands for the
    # colour on a terminal with fewer. "default" is the terminal's own.
    [palette]
    ground = { rgb = "#0f141b", c256 = 233, c16 = "default", c8 = "default" }
    panel  = { rgb = "#1b2430", c256 = 235, c16 = "default", c8 = "default" }
    bar    = { rgb = "#222d3a", c256 = 236, c16 = "blue", c8 = "blue" }
    select = { rgb = "#1f4e79", c256 = 24, c16 = "blue", c8 = "blue" }
    ink    = { rgb = "#c9d1d9", c256 = 252, c16 = "white", c8 = "white" }
    bright = { rgb = "#ffffff", c256 = 231, c16 = "bright-white", c8 = "white" }
    faint  = { rgb = "#8b98a5", c256 = 246, c16 = "cyan", c8 = "cyan" }
    line   = { rgb = "#5b6876", c256 = 241, c16 = "cyan", c8 = "cyan" }
    accent = { rgb = "#6cc7e0", c256 = 80, c16 = "bright-cyan", c8 = "cyan" }
    low    = { rgb = "#4fb0a5", c256 = 73, c16 = "cyan", c8 = "cyan" }
    ok     = { rgb = "#7fd88f", c256 = 114, c16 = "bright-green", c8 = "green" }
    attn   = { rgb = "#e6b450", c256 = 179, c16 = "bright-yellow", c8 = "yellow" }
    fail   = { rgb = "#ff8a80", c256 = 210, c16 = "bright-red", c8 = "red" }
    alarm  = { rgb = "#a3232f", c256 = 124, c16 = "red", c8 = "red" }

    [roles]
    text              = { fg = "ink", bg = "ground" }
    "text.dim"        = { fg = "faint", mono = "dim" }
    "text.strong"     = { fg = "bright", attr = "bold" }
    title             = { fg = "ink", bg = "bar", mono = "reverse" }
    "title.strong"    = { fg = "bright", bg = "bar", attr = "bold", mono = "reverse bold" }
    border            = { fg = "line" }
    "border.focus"    = { fg = "accent", attr = "bold" }
    header            = { fg = "faint", attr = "bold", mono = "underline" }
    "header.sort"     = { fg = "accent", attr = "bold", mono = "underline bold" }
    cursor            = { fg = "bright", bg = "select", attr = "bold", mono = "reverse" }
    "cursor.unfocused" = { fg = "ink", bg = "bar", mono = "underline" }
    mark              = { fg = "attn", attr = "bold" }
    match             = { fg = "attn", attr = "underline" }
    key               = { fg = "accent", attr = "bold" }
    hint              = { fg = "faint", mono = "none" }
    input             = { fg = "bright", bg = "bar", mono = "underline" }
    "input.error"     = { fg = "fail", bg = "bar", attr = "bold", mono = "bold underline" }
    "state.ok"        = { fg = "ok" }
    "state.attn"      = { fg = "attn", attr = "bold" }
    "state.fail"      = { fg = "fail", attr = "bold" }
    "state.busy"      = { fg = "accent" }
    "state.off"       = { fg = "faint", mono = "dim" }
    "row.new"         = { fg = "ok", attr = "bold" }
    "row.changed"     = { fg = "attn" }
    "row.gone"        = { fg = "faint", mono = "dim" }
    "graph.low"       = { fg = "low" }
    "graph.mid"       = { fg = "attn" }
    "graph.high"      = { fg = "fail" }
    "badge.readonly"  = { fg = "ground", bg = "attn", attr = "bold", mono = "reverse bold" }
    "badge.frozen"    = { fg = "ground", bg = "accent", attr = "bold", mono = "reverse bold" }
    danger            = { fg = "bright", bg = "alarm", attr = "bold", mono = "reverse bold" }
    button            = { fg = "ink", bg = "panel", mono = "none" }
    "button.focus"    = { fg = "bright", bg = "select", attr = "bold", mono = "reverse bold" }
    dialog            = { fg = "ink", bg = "panel" }
    "dialog.dim"      = { fg = "faint", bg = "panel", mono = "none" }
    "dialog.strong"   = { fg = "bright", bg = "panel", attr = "bold" }
    "dialog.title"    = { fg = "accent", bg = "panel", attr = "bold" }
    """#
}
