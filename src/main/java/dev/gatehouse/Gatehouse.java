package dev.gatehouse;

/** The main program. */
public final class Gatehouse {
  private Gatehouse() {}

  /** Starts the server. */
  public static void main(String[] args) {
    System.out.println("gatehouse");
  }
}
