package dev.gatehouse.policy.python;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.policy.text.Use;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PythonReaderTest {

  private static boolean calls(PythonReading reading, String name, String first) {
    for (PythonCall call : reading.calls()) {
      PythonValue value = call.positional(0);
      String text = value == null ? call.receiver().text() : value.text();
      if (call.name().equals(name) && text.equals(first)) {
        return true;
      }
    }
    return false;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "import os\nos.remove('/srv/x')",
        "os.remove('/srv/x')",
        "import os as o; o.remove('/srv/x')",
        "from os import remove\nremove('/srv/x')",
        "from os import remove as r\nr('/srv/x')",
        "from os import *\nremove('/srv/x')",
        "from os import (\n  remove as r,\n  path)\nr('/srv/x')",
        "import posix; posix.remove('/srv/x')",
        "f = os.remove; f('/srv/x')",
        "a, f = 1, os.remove\nf('/srv/x')",
        "__import__('os').remove('/srv/x')",
        "import importlib\nimportlib.import_module('o' + 's').remove('/srv/x')",
        "getattr(os, 'rem' + 'ove')('/srv/x')",
        "os.__dict__['remove']('/srv/x')",
        "vars(os)['remove']('/srv/x')",
        "import sys, os\nsys.modules['os'].remove('/srv/x')",
        "globals()['os'].remove('/srv/x')",
        "\uff4fs.remove('/srv/x')",
        "p = '/srv'\nos.remove(p + '/x')",
        "os.remove('/srv' '/x')",
        "os.remove('/%s/%s' % ('srv', 'x'))",
        "os.remove('/{}/{n}'.format('srv', n='x'))",
        "d = 'srv'\nos.remove(f'/{d}/x')",
        "os.remove('/'.join(['', 'srv', 'x']))",
        "os.remove(''.join(chr(c) for c in [47, 115, 114, 118, 47, 120]))",
        "os.remove(''.join(map(chr, (47, 115, 114, 118, 47, 120))))",
        "os.remove('x/vrs/'[::-1])",
        "os.remove('/srv/y'.replace('y', 'x'))",
        "os.remove('\\x2fsrv\\x2fx')",
        "os.remove(bytes.fromhex('2f7372762f78').decode())",
        "import base64\nos.remove(base64.b64decode(b'L3Nydi94').decode('utf-8'))",
        "import codecs\nos.remove(codecs.decode('/fei/k', 'rot13'))",
        "os.remove(os.path.join('/srv', 'x'))",
        "for p in ['/a', '/srv/x']:\n    os.remove(p)",
        "[os.remove(p) for p in ('/srv/x',)]",
        "list(map(os.remove, ['/srv/x']))",
        "p = '/a'\nif c:\n    p = '/srv/x'\nos.remove(p)",
        "os.remove('/a' if c else '/srv/x')",
        "def f(p='/srv/x'):\n    os.remove(p)\nf()",
        "def f(p):\n    os.remove(p)\nf('/srv/x')",
        "def f(p): os.remove(p)\nf(p='/srv/x')",
        "def g():\n    return '/srv/x'\nos.remove(g())",
        "class A:\n    def f(self, p):\n        os.remove(p)\nA().f('/srv/x')",
        "self.p = '/srv/x'\nos.remove(self.p)",
        "d = {'p': '/srv/x'}\nos.remove(d['p'])",
        "d = {'p': '/srv/x'}\nos.remove(d.get('p', '/a'))",
        "d = {'p': '/a'}\nd['p'] = '/srv/x'\nos.remove(d['p'])",
        "d = {}\nd.update({'p': '/srv/x'})\nos.remove(d['p'])",
        "class A:\n    P = '/srv/x'\n    def f(self):\n        os.remove(self.P)",
        "a, *b, c = ['', '/a', '/srv/x', '']\nos.remove(b[1])",
        "a, *b, c = ['', '/a', '/b', '/srv/x']\nos.remove(c)",
        "a = []\na.append('/srv/x')\nos.remove(a[0])",
        "for d in ('a', 'b', 'srv'):\n    os.remove(f'/{d}/x')",
        "for d in ('a', 'b', 'srv'):\n    os.remove('/%s/x' % d)",
        "for d in 'a b c d e f g h i j k l m srv'.split():\n    os.remove('/' + d + '/x')",
        "a = ['/a']\na.insert(0, '/srv/x')\nos.remove(a[0])",
        "a = ['/a']\na.extend(['/srv/x'])\nos.remove(a[-1])",
        "a = ['/a']\na[0] = '/srv/x'\nos.remove(a[0])",
        "a = ['/a']\nif c:\n    a[0] = '/srv/x'\nos.remove(a[0])",
        "a = []\ndef f():\n    a.append('/srv/x')\nf()\nos.remove(a[0])",
        "a = ['/srv/x']\nos.remove(*a)",
        "a = ['/srv/x']\nos.remove(['/a', *a][1])",
        "class A:\n    def f(self):\n        self.p = '/srv/x'\n    def g(self):\n        os.remove(self.p)",
        "import glob\nfor p in glob.glob('/srv/x'):\n    os.remove(p)",
        "for r, d, f in os.walk('/srv/x'):\n    os.remove(r)",
        "import threading\nthreading.Thread(target=os.remove, args=('/srv/x',)).start()",
        "from functools import partial\npartial(os.remove, '/srv/x')()",
        "exec(\"os.remove('/srv/x')\")",
        "eval(compile(\"os.remove('/srv/x')\", 'f', 'eval'))",
        "exec(__import__('base64').b64decode('b3MucmVtb3ZlKCcvc3J2L3gnKQ==').decode())",
        "def run(s):\n    return eval(s)\nrun(\"__import__('os').remove('/srv/x')\")",
        "exec \"os.remove('/srv/x')\"",
        "if True: os.remove('/srv/x')",
        "try:\n  pass\nexcept: os.remove('/srv/x')",
        "with a as b, c as d:\n    os.remove('/srv/x')",
        "lambda: os.remove('/srv/x')",
        "@os.remove('/srv/x')\ndef f(): pass",
        "x = y = os.remove('/srv/x')",
        "x: int = os.remove('/srv/x')",
        "assert os.remove('/srv/x')",
        "print(f\"{os.remove('/srv/x')}\")",
        "(os\n  .remove(\n    '/srv/x'))",
        "os.\\\nremove('/srv/x')",
        "while (n := os.remove('/srv/x')): pass",
      })
  void findsTheCall(String text) {
    // Given one and the same call, written in some other way
    // When the program is read
    PythonReading reading = PythonReader.read(text);
    // Then the call is there with its argument
    assertTrue(calls(reading, "os.remove", "/srv/x"), () -> text + " -> " + reading.calls());
  }

  @Test
  void knowsWhatAListingYieldsOnlyWhereTheFolderIsKnown() {
    String clean = "for p in glob.glob('*'):\n    os.remove(p)";

    assertTrue(calls(PythonReader.read("import os, glob\n" + clean), "os.remove", "*"));
    assertFalse(
        calls(PythonReader.read("import os, glob\nos.chdir('/')\n" + clean), "os.remove", "*"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "subprocess.run(['sh'], input='id')",
        "p = subprocess.Popen(['sh'], stdin=-1)\np.communicate('id')",
        "p = subprocess.Popen(['sh'], stdin=-1)\np.stdin.write('id')",
        "p = os.popen('sh', 'w')\np.write('id')"
      })
  void tellsWhatIsWrittenToAProgram(String text) {
    PythonReading reading = PythonReader.read("import os, subprocess\n" + text);

    assertTrue(reading.shellTexts().getLast().text().contains("sh"), text);
    assertTrue(reading.shellTexts().getLast().text().contains("\nid\n"), text);
  }

  @Test
  void tellsOfEachCommandOfALoop() {
    PythonReading reading =
        PythonReader.read(
            "import subprocess\nfor d in ('a', 'b', '/etc'):\n    subprocess.run(['rm', d])");

    assertEquals(
        List.of(List.of("rm", "a"), List.of("rm", "b"), List.of("rm", "/etc")),
        reading.shellTexts().stream().map(ShellText::words).toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a = [a, a]\nb = [b, b]\n", "a.append(a)\nb.append(b)\n"})
  void weighsListsThatHoldOthersTwice(String doubling) {
    PythonReading reading =
        PythonReader.read(
            "a = [1]\nb = [1]\n" + doubling.repeat(60) + "x = a if c else b\nf(x, a)");

    assertTrue(reading.steps() < 100_000);
    for (PythonArgument argument : reading.calls().getLast().arguments()) {
      assertTrue(argument.value().weight() <= 4096);
    }
  }

  @Test
  void tellsTheStatementsForDatabases() {
    PythonReading reading =
        PythonReader.read("t = 'a'\nc.execute(f'DROP TABLE {t}')\nc.execute(query)");

    assertEquals(
        List.of("DROP TABLE a"), reading.queryTexts().stream().map(QueryText::text).toList());
  }

  @Test
  void doesNotTakeALocalFunctionForTheLibrarys() {
    PythonReading reading = PythonReader.read("def remove(x):\n    pass\nremove('/a')");
    assertEquals("<local>.remove", reading.calls().get(0).name());
    assertTrue(reading.definitions().contains("remove"));
  }

  @Test
  void knowsWhatAnObjectIs() {
    PythonReading reading =
        PythonReader.read(
            "import socket\ns = socket.socket()\ns.connect(('10.0.0.1', 9))\nx.send(s)");
    assertEquals("socket.socket.connect", reading.calls().get(1).name());
    assertEquals("x.send", reading.calls().get(2).name());
    assertTrue(
        calls(
            PythonReader.read("from pathlib import Path\n(Path('/srv') / 'x').unlink()"),
            "pathlib.Path.unlink",
            "/srv/x"));
    PythonCall read =
        PythonReader.read("with open('/srv/x', 'rb') as f:\n  f.read()").calls().get(1);
    assertEquals("open.read", read.name());
    assertEquals("/srv/x", read.receiver().text());
    assertEquals(".rmtree", PythonReader.read("def f(a): a.rmtree('/x')").calls().get(0).name());
  }

  @Test
  void handsCommandsToTheShellReader() {
    assertEquals("ls -l", only("import os; os.system('ls -l')").text());
    assertEquals(List.of("ls", "-l"), only("subprocess.run(['ls', '-l'])").words());
    assertEquals("ls -l", only("subprocess.run(['ls -l'], shell=True)").text());
    assertEquals("ls -l", only("subprocess.check_output('ls -l', shell=True)").text());
    assertEquals("/bin/sh", only("import pty; pty.spawn('/bin/sh')").text());
    assertEquals(List.of("/bin/sh", "-i"), only("os.execl('/bin/sh', 'sh', '-i')").words());
    assertEquals(List.of("/bin/sh", "-i"), only("os.execve('/bin/sh', ['sh', '-i'], {})").words());
    assertEquals("ls -l", only("client.exec_command('ls -l')").text());
    assertEquals("ls -l", only("!ls -l").text().strip());
    assertFalse(only("os.system('rm ' + x)").known());
    assertEquals("rm " + PythonValue.HOLE, only("os.system('rm ' + x)").text());
  }

  private static ShellText only(String text) {
    List<ShellText> texts = PythonReader.read(text).shellTexts();
    assertEquals(1, texts.size(), text);
    return texts.get(0);
  }

  @Test
  void saysWhatItCannotTell() {
    assertTrue(PythonReader.read("exec(x)").has(PythonFact.UNKNOWN_PROGRAM));
    assertTrue(PythonReader.read("getattr(os, x)()").has(PythonFact.UNRESOLVED_NAME));
    assertTrue(PythonReader.read("__import__('os')").has(PythonFact.DYNAMIC_IMPORT));
    assertTrue(
        PythonReader.read("().__class__.__bases__[0].__subclasses__()")
            .has(PythonFact.CLIMBS_OBJECTS));
    assertTrue(PythonReader.read("pickle.loads(x)").has(PythonFact.UNPICKLES));
    assertTrue(PythonReader.read("x = 'a").has(PythonFact.INCOMPLETE));
    assertTrue(PythonReader.read("(".repeat(500)).has(PythonFact.LIMIT_REACHED));
    assertTrue(PythonReader.read("x='a'\n" + "x=x+x\n".repeat(60)).has(PythonFact.LIMIT_REACHED));
    assertTrue(
        PythonReader.read("def f(x): return f(x + 'a') + f(x)\nf('a')").calls().size() < 10_001);
  }

  @Test
  void tellsDataFromCode() {
    String text = "\"\"\"rm -rf /a\"\"\"\nprint('rm -rf /b')  # rm -rf /c\nx = 'rm -rf /d'";
    PythonReading reading = PythonReader.read(text);
    for (String data : List.of("/a", "/b", "/c")) {
      int at = text.indexOf(data);
      assertEquals(Use.DATA, reading.use(at, at + 2), data);
    }
    int at = text.indexOf("/d");
    assertEquals(Use.EXECUTED, reading.use(at, at + 2));
    assertEquals(Use.EXECUTED, PythonReader.read("'rm -rf /'\nexec(__doc__)").use(1, 5));
    assertEquals(Use.EXECUTED, PythonReader.read("print(os.system('rm -rf /'))").use(17, 20));
  }

  @Test
  void readsImports() {
    PythonReading reading = PythonReader.read("import a.b as c, d\nfrom ..e import f as g, h\n");
    assertEquals(
        List.of("a.b", "d", "..e.f", "..e.h"),
        reading.imports().stream().map(PythonImport::qualifiedName).toList());
    assertEquals("c", reading.imports().get(0).alias());
  }
}
