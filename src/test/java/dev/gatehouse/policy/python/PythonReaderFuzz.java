package dev.gatehouse.policy.python;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gatehouse.policy.Deed;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Looks for texts on which the Python reader throws, does not end or says what cannot be, guided by
 * what it covers.
 */
class PythonReaderFuzz {
  /** The syntax that the lists of deeds do not show. */
  private static final String[] SYNTAX = {
    "class A(B):\n  x: int = 1\n  @property\n  def f(self, *a, **k) -> None:\n    return self.x",
    "with open('a') as f, g() as h:\n  for i, j in enumerate(f):\n    yield i\nelse:\n  pass",
    "try:\n  a()\nexcept (B, C) as e:\n  raise D from e\nfinally:\n  del a",
    "x = [y for y in range(3) if y] + list(map(lambda z: z ** 2, (1, 2)))",
    "d = {'a': 1, **b}; s = {1, 2}; t = a if b else c; (n := 5); m = not a in b",
    "print(f'{a!r:>{w}} {b + 1}', rf\"\\d{c}\", b'\\x41', '''q\nr''', u'\\u00e9')",
    "from a.b import (c as d, e,); import f.g as h; from . import *",
    "match x:\n  case [1, *r]: pass\n  case {'k': v} | None if v: pass",
    "async def f():\n  async with a as b:\n    await b[1:2, ...][::-1]",
    "getattr(__import__('o' + 's'), 'sys' + 'tem')('ls')",
    "exec(''.join(chr(c) for c in [112, 97, 115, 115])); eval(compile('1', 'x', 'eval'))",
    "import base64, codecs; exec(base64.b64decode('cGFzcw==')); codecs.decode('cevag', 'rot13')",
    "import subprocess as s; s.run(['ls', '-l'] + a, shell=False, env={**b}); s.Popen('ls|wc', shell=1)",
    "globals()['__builtins__'].__dict__['ev' 'al']('1'); ().__class__.__bases__[0].__subclasses__()",
    "!ls -l\n%cd x\n'%s %d' % ('a', 1); '{} {x}'.format(1, x=2); 'a,b'.split(',')[0].replace('a', 'b')"
  };

  static Stream<byte[]> seeds() {
    return Stream.of(
            Stream.of(SYNTAX),
            // The longest seed bounds the length of what is tried.
            Stream.of(String.join("\n", SYNTAX)),
            Deed.dangerousPython().stream().map(Deed::text),
            Deed.harmlessPython().stream().map(Deed::text))
        .flatMap(texts -> texts)
        .map(text -> text.getBytes(UTF_8));
  }

  @MethodSource("seeds")
  @Timeout(value = 10, unit = TimeUnit.SECONDS)
  @DictionaryEntries({
    "import ",
    "from ",
    " as ",
    "def f(",
    "class ",
    "lambda ",
    "'''",
    "\"\"\"",
    "f'{",
    "rb'",
    "@",
    "[::-1]",
    ".join(",
    "chr(",
    "exec(",
    "eval(",
    "getattr(",
    "__import__(",
    "os.system(",
    "subprocess.run(",
    "shell=True",
    ".decode()",
    "base64.b64decode(",
    " for x in ",
    " if ",
    "else",
    "return ",
    "**",
    ":=",
    "->",
    "async ",
    "await ",
    "with ",
    "try:",
    "except:"
  })
  @FuzzTest(maxDuration = "30s")
  void readsAnyText(byte[] bytes) {
    PythonInvariants.check(PythonReader.read(new String(bytes, UTF_8)));
  }
}
