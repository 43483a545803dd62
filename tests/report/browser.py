# SPDX-License-Identifier: MIT
"""browser.py: a page in headless Chromium: what it measures there, and a picture as pixels."""
import json
import os
import re
import shutil
import struct
import subprocess
import zlib
from html import unescape

PATIENCE = 120  # seconds
DARK = '--blink-settings=preferredColorScheme=0'

# For each SVG: its place and size, how many curves and boxes are drawn, how many words.
MEASURE = '''<script>
const drawn = svg => [...svg.querySelectorAll('path, polygon')].filter(e => e.getTotalLength() > 1);
const plots = [...document.querySelectorAll('svg')].map(svg => {
  const r = svg.getBoundingClientRect();
  return {id: svg.id, x: r.x, y: r.y + scrollY, width: r.width, height: r.height,
    drawn: drawn(svg).length, words: svg.querySelectorAll('text').length};
});
const out = document.createElement('pre');
out.id = 'measured';
out.textContent = JSON.stringify({plots, width: document.documentElement.scrollWidth,
  height: document.documentElement.scrollHeight});
document.body.append(out);
</script>'''


def found():
    return shutil.which('chromium')


def chromium(work, width, height, *arguments):
    """chromium: its output. As root it does not run with its sandbox; the page is our own."""
    root = ('--no-sandbox',) if os.geteuid() == 0 else ()
    command = (found(), '--headless', *root, '--disable-gpu', '--disable-dev-shm-usage',
               '--hide-scrollbars', '--force-device-scale-factor=1',
               f'--user-data-dir={work / "profile"}',
               f'--window-size={width},{height}', *arguments)
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    return done.stdout


def measure(page, work, width):
    """measure: the plots, as a copy of the page with a script in it sees them."""
    copy = work / 'measured.html'
    text = page.read_text(encoding='utf-8')
    copy.write_text(text.replace('</body>', MEASURE + '</body>'), encoding='utf-8')
    dom = chromium(work, width, 1000, '--dump-dom', copy.as_uri())
    return json.loads(unescape(re.search('<pre id="measured">(.*?)</pre>', dom, re.DOTALL)[1]))


def picture(page, path, work, width, height, *arguments):
    chromium(work, width, height, f'--screenshot={path}', *arguments, page.as_uri())
    return Picture(path.read_bytes())


# ---- PNG ----

def unfilter(kind, line, above, step):
    """unfilter: a line of a PNG, in place."""
    if kind == 2:
        for i, up in enumerate(above):
            line[i] = (line[i] + up) & 255
    elif kind == 1:
        for i in range(step, len(line)):
            line[i] = (line[i] + line[i - step]) & 255
    elif kind == 3:
        for i, up in enumerate(above):
            line[i] = (line[i] + ((line[i - step] if i >= step else 0) + up) // 2) & 255
    elif kind == 4:
        for i, up in enumerate(above):
            left, corner = (line[i - step], above[i - step]) if i >= step else (0, 0)
            a, b, c = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
            line[i] = (line[i] + (left if a <= b and a <= c else up if b <= c else corner)) & 255


class Picture:
    """Eight bits a colour, three or four of them, not interlaced: what Chromium writes."""

    def __init__(self, data):
        packed, place = b'', 8
        while place < len(data):
            length, kind = struct.unpack_from('>I4s', data, place)
            body = data[place + 8:place + 8 + length]
            if kind == b'IHDR':
                self.width, self.height, depth, colours = struct.unpack_from('>IIBB', body)
                interlaced = body[12]
                assert depth == 8 and colours in (2, 6) and not interlaced
                self.step = 3 if colours == 2 else 4
            elif kind == b'IDAT':
                packed += body
            place += 12 + length
        self.lines, above = [], bytes(self.width * self.step)
        raw, stride = zlib.decompress(packed), self.width * self.step + 1
        for start in range(0, self.height * stride, stride):
            line = bytearray(raw[start + 1:start + stride])
            unfilter(raw[start], line, above, self.step)
            self.lines.append(line)
            above = line

    def colours(self, x, y, width, height):
        """colours: {(red, green, blue): pixels} of a part."""
        counts = {}
        for line in self.lines[int(y):int(y + height)]:
            for i in range(int(x) * self.step, int(min(x + width, self.width)) * self.step, self.step):
                colour = tuple(line[i:i + 3])
                counts[colour] = counts.get(colour, 0) + 1
        return counts
