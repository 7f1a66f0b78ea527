package dev.gatehouse.config;

import org.jspecify.annotations.Nullable;

/**
 * Where secrets are that are kept in HashiCorp Vault's KV engine, version 2.
 *
 * @param address of the server, without a path; null for none
 * @param namespace null for none
 * @param mount the engine's path
 * @param authMount the path of the AppRole method
 * @param tokenFile a file that has a token; null where it logs in by AppRole
 * @param roleIdFile a file that has the role's id; null where there is a token
 * @param secretIdFile a file that has the secret id; null where there is a token
 * @param timeoutMillis the longest that an answer may take, in milliseconds
 * @param cacheSeconds how long what was read is known; 0 for never
 */
public record VaultSettings(
    @Nullable String address,
    @Nullable String namespace,
    String mount,
    String authMount,
    @Nullable String tokenFile,
    @Nullable String roleIdFile,
    @Nullable String secretIdFile,
    int timeoutMillis,
    int cacheSeconds) {

  private static final String PATH = "[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*";

  static VaultSettings read(Settings settings) {
    String address = settings.optionalText("vault.address");
    VaultSettings vault =
        new VaultSettings(
            address,
            settings.optionalText("vault.namespace"),
            settings.text("vault.mount", "secret"),
            settings.text("vault.authMount", "approle"),
            settings.optionalText("vault.tokenFile"),
            settings.optionalText("vault.roleIdFile"),
            settings.optionalText("vault.secretIdFile"),
            settings.integer("vault.timeoutMillis", 50, 60_000, 3_000),
            settings.integer("vault.cacheSeconds", 0, 86_400, 60));
    vault.check(settings);
    return vault;
  }

  private void check(Settings settings) {
    if (!isPath(mount)) {
      settings.refuse("vault.mount", "expected a path such as secret or team/kv");
    }
    if (!isPath(authMount)) {
      settings.refuse("vault.authMount", "expected a path such as approle");
    }
    if (address == null) {
      return;
    }
    if (!isBare(address)) {
      settings.refuse(
          "vault.address",
          "expected https://HOST:PORT, or http:// of this machine, without a path");
    }
    boolean byRole = roleIdFile != null && secretIdFile != null;
    boolean noRole = roleIdFile == null && secretIdFile == null;
    if (tokenFile == null ? !byRole : !noRole) {
      settings.refuse("vault.address", "expected either tokenFile, or roleIdFile and secretIdFile");
    }
  }

  private static boolean isBare(String address) {
    try {
      return Addresses.isSafe(address)
          && java.net.URI.create(address).getRawPath().isEmpty()
          && java.net.URI.create(address).getRawQuery() == null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Whether it leads nowhere else than it says. */
  static boolean isPath(String text) {
    if (text.length() > 512 || !text.matches(PATH)) {
      return false;
    }
    for (String part : text.split("/", -1)) {
      if (part.equals(".") || part.equals("..")) {
        return false;
      }
    }
    return true;
  }
}
