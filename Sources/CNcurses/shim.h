#pragma once
// The wide interface of ncursesw for Swift. What the importer cannot see (variables that are shared
// mutable state, macros that assign, nested macros) is reached through the inline functions here.
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <locale.h>
#include <stdint.h>
#include <wchar.h>

extern int wcwidth(wchar_t character);

static inline WINDOW *nc_screen(void) { return stdscr; }
static inline int nc_colors(void) { return COLORS; }
static inline int nc_color_pairs(void) { return COLOR_PAIRS; }

static const uint32_t NC_BOLD = A_BOLD;
static const uint32_t NC_DIM = A_DIM;
static const uint32_t NC_UNDERLINE = A_UNDERLINE;
static const uint32_t NC_REVERSE = A_REVERSE;
static const uint32_t NC_ITALIC = A_ITALIC;
static const int32_t NC_KEY_F0 = KEY_F0;

// Invariant: `characters` ends with a null and has at most CCHARW_MAX characters before it. A pair
// over 32,767 does not fit the field that every caller of setcchar shares, so it goes as an option.
static inline int nc_cell(cchar_t *cell, const wchar_t *characters, uint32_t attributes, int pair) {
  return setcchar(cell, characters, (attr_t)attributes, (short)(pair > 32767 ? 0 : pair), &pair);
}

// From sys/mman.h, which shows it to GNU programs only.
extern int memfd_create(const char *name, unsigned int flags);
static const uint32_t NC_MEMFD_CLOEXEC = 1;

// From term.h, whose hundreds of macros would hide ordinary names.
extern char *tigetstr(const char *capability);

// Whether the terminal can take out a character of a line and put one in.
static inline int nc_can_shift_lines(void) {
  char *out = tigetstr("dch"), *in = tigetstr("ich");
  return out != (char *)0 && out != (char *)-1 && in != (char *)0 && in != (char *)-1;
}

// Tells ncurses that the terminal has taken out the character of a line at `left` and put one in at
// `right`: what ncurses believes to be on the terminal is a window like any other. The new character
// is to it one that blinks, as nothing else does, so that it writes what stands there now.
static inline void nc_shift_line(int y, int left, int right) {
  cchar_t cell;
  int pair = 0;
  (void)(wmove(curscr, y, left) == OK && wdelch(curscr) == OK && wmove(curscr, y, right) == OK
         && setcchar(&cell, L"?", A_BLINK, 0, &pair) == OK && wins_wch(curscr, &cell));
}

// Whether the terminal can place its cursor, without which there is no screen.
static inline int nc_can_place_cursor(void) {
  char *text = tigetstr("cup");
  return text != (char *)0 && text != (char *)-1;
}

// Whether the terminal places its cursor by ECMA-48's CUP, as all those do that know the rest of it.
static inline int nc_is_ecma48(void) {
  char *text = tigetstr("cup");
  return text != (char *)0 && text != (char *)-1 && text[0] == 0x1b && text[1] == '[';
}
