package dev.gatehouse.policy.shell;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gatehouse.policy.Deed;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Looks for texts on which the shell reader throws, does not end or says what cannot be, guided by
 * what it covers.
 */
class ShellReaderFuzz {
  /** The syntax that the lists of deeds do not show. */
  private static final String[] SYNTAX = {
    "if a; then b; elif c; then d; else e; fi",
    "while read -r x; do echo \"$x\"; done < in",
    "for f in *.c 'a b' $(ls); do cc -c \"$f\" & done; wait",
    "case $1 in a|b) c;; (d*) e;& *) f;; esac",
    "f() { local a=$1; g \"${a%%.*}\" \"${a##*/}\" \"${a/x/y}\" \"${#a}\"; }; f x",
    "a=(b c d); echo \"${a[@]:1:2}\" ${!a} ${a:-b} ${a:?c}; echo $((1 + 2 * (3)))",
    "cat <<'A' <<-B | sh 2>&1 >> out\n$x\nA\n\tb $(c)\n\tB\n",
    "[[ -f $a && $b =~ ^x[0-9]+$ ]] || (exit 1)",
    "diff <(a | b) >(c) 3<&0 &> d; { e; } 2> f",
    "echo {a,b}{1..3} `date` $'\\x41\\n\\u00e9' \"$(x \"$(y)\")\"",
    "sudo env A=b timeout 5 nohup nice -n 3 xargs -0 sh -c 'x \"$0\"'",
    "find . -name '*.o' -exec sh -c 'ls \"$1\"' _ {} \\; -o -print0",
    "echo bHMgLWxh | base64 -d | sh; printf '\\x6c\\x73' | bash; echo 6c73 | xxd -r -p | sh",
    "python3 -c 'import os; os.system(\"ls\")'; perl -e 'system(\"ls\")'; ssh h 'a; b'",
    "alias x='ls -l'\nx; trap 'a' EXIT; eval \"$b c\"; source d; exec e"
  };

  static Stream<byte[]> seeds() {
    return Stream.of(
            Stream.of(SYNTAX),
            // The longest seed bounds the length of what is tried.
            Stream.of(String.join("\n", SYNTAX)),
            Deed.dangerousShell().stream().map(Deed::text),
            Deed.harmlessShell().stream().map(Deed::text))
        .flatMap(texts -> texts)
        .map(text -> text.getBytes(UTF_8));
  }

  @MethodSource("seeds")
  @Timeout(value = 10, unit = TimeUnit.SECONDS)
  @DictionaryEntries({
    "$(",
    "${",
    "$((",
    "))",
    "<<",
    "<<<",
    "<(",
    "$'",
    ";;",
    "&&",
    "||",
    "case ",
    " in ",
    "esac",
    "if ",
    "fi",
    "while ",
    "do ",
    "done",
    "sh -c ",
    "eval ",
    "| sh",
    "base64 -d",
    "xargs ",
    "alias ",
    "function ",
    "{1..9}",
    "[[ ",
    " ]]",
    "${x//",
    "${!",
    "printf ",
    "find . -exec ",
    "=("
  })
  @FuzzTest(maxDuration = "30s")
  void readsAnyText(byte[] bytes) {
    ShellInvariants.check(ShellReader.read(new String(bytes, UTF_8)));
  }
}
