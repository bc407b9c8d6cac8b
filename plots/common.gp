# What all pictures share. `name` is set before, and so may be `heading` and `below`, the lines above the picture. Data
# come from NAME.tsv; pictures go to NAME.svg, NAME.png and, where a script draws a narrow one, NAME-narrow.svg.
#
#   gnuplot -d -e "name='speed-1'" common.gp speed.gp
#
# Text of the data is only ever shown: `noenhanced` keeps it from being marked up. Colours are the light ones of
# colours.css, by which the program gives them their names.
set encoding utf8
set datafile separator "\t"
set datafile commentschars ""
set datafile missing "NaN"
data = name.".tsv"
if (!exists('heading')) { heading = name }
if (!exists('below')) { below = '' }
ground = 0xfdfdfb; ink = 0x1b2025; dim = 0x5a636d; line = 0xdfe2e5; soft = 0xf3f4f4
ours = 0x0f69ad; theirs = 0xb97a1c; green = 0x00805e; plum = 0xa8487f; olive = 0x7a6a00; pale = 0x5fb0e3
rest = 0x878f97; loss = 0xb5521b; on = 0xffffff; over = 0x1a1f24
array colours[6] = [ours, green, plum, theirs, olive, dim]
array shapes[6] = [7, 5, 9, 13, 11, 6]
colour(i) = colours[int(i) % 6 + 1]
shape(i) = shapes[int(i) % 6 + 1]
bold(size) = 'DejaVu Sans Bold,'.size

# start(kind) begins a picture of `width` by `height` pixels: a wide SVG, the same as PNG, twice as fine, a narrow SVG.
WIDE = 1; PNG = 2; NARROW = 3
wide_or_narrow(kind, wide, narrow) = kind == NARROW ? narrow : wide
start(kind) = kind == PNG ? \
    sprintf("set terminal pngcairo size %d,%d noenhanced font 'DejaVu Sans,13' fontscale 1.5 linewidth 2 pointscale 2 \
             background rgb %d; set output '%s.png'", 2 * width, 2 * height, ground, name) : \
    sprintf("set terminal svg size %d,%d fixed noenhanced font 'DejaVu Sans,13' background rgb %d; \
             set output '%s%s.svg'", width, height, ground, name, kind == NARROW ? '-narrow' : '')
X(pixels) = pixels / real(width)
Y(pixels) = 1 - pixels / real(height)

# The two lines above, then a key of `columns` entries a line, then the picture between these margins.
columns = 4
key_x(i) = 3 + (i % columns) * width / columns
key_y(i) = 54 + 18 * (i / columns)
key_end(entries) = 44 + 18 * ((entries + columns - 1) / columns)
frame(left, right, top, bottom) = sprintf("unset label; unset object; unset arrow; \
    set label heading at screen %g, %g left textcolor rgb ink font bold(15); \
    set label below at screen %g, %g left textcolor rgb dim font 'DejaVu Sans,12'; \
    set lmargin at screen %g; set rmargin at screen %g; set tmargin at screen %g; set bmargin at screen %g", \
    X(2), Y(13), X(2), Y(33), X(left), X(width - right), Y(top), Y(height - bottom))
entry(i, text) = sprintf("set label '%s' at screen %g, %g left textcolor rgb dim font 'DejaVu Sans,12'", text, \
    X(key_x(i) + 18), Y(key_y(i)))
patch(i, text, colour) = entry(i, text).sprintf("; \
    set object rectangle from screen %g, screen %g to screen %g, screen %g fs solid noborder fc rgb %d", \
    X(key_x(i)), Y(key_y(i) + 5), X(key_x(i) + 11), Y(key_y(i) - 6), colour)
dash(i, text, style) = entry(i, text).sprintf("; \
    set arrow from screen %g, screen %g to screen %g, screen %g nohead %s", \
    X(key_x(i) - 2), Y(key_y(i)), X(key_x(i) + 14), Y(key_y(i)), style)

set border 0
set tics nomirror scale 0 textcolor rgb dim font 'DejaVu Sans,12'
set grid noytics xtics back lt 1 lw 1 lc rgb line dt solid
set style fill solid noborder
set style data points
unset key
unset ytics

# Ticks from 0, as many as about `wanted`, and none beyond what is drawn: text stands there.
decade(v) = 10.0 ** floor(log10(v))
round_up(v) = decade(v) * (v <= decade(v) ? 1 : v <= 2 * decade(v) ? 2 : v <= 5 * decade(v) ? 5 : 10)
ticks(most, wanted) = sprintf("set xtics 0, %g, %g", round_up(most / wanted), most)

# How far a column goes, and how many rows there are; the first is at the top. One column at a time: gnuplot 6 leaves out
# a row of which any column is missing.
most = 0; rows = 0; longest = 0
see(v) = v > most ? (most = v) : 0
count(row, text) = (int(row) + 1 > rows ? (rows = int(row) + 1) : 0, strlen(text) > longest ? (longest = strlen(text)) : 0)
