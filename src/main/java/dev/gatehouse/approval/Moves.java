package dev.gatehouse.approval;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Risk;
import dev.gatehouse.action.Role;
import dev.gatehouse.approval.Approval.State;
import dev.gatehouse.approval.RefusedException.Why;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The state machine: which move of whom takes a question where. Plain functions; the store makes
 * sure that each is applied to the version it was decided on.
 */
final class Moves {
  private Moves() {}

  /** Refuses to hear somebody who may not answer, or to hear him now. */
  static void heard(Approval question, Actor by) {
    requireOpen(question);
    requireApprover(question, by);
  }

  /** Refuses the approval of an action that is not, or may not be, the one that was seen. */
  static void seen(Approval question, Said said) {
    if (said.approves()
        && (said.digest() == null
            ? question.edit() != null
            : !said.digest().equals(question.runs()))) {
      throw new RefusedException(
          Why.CHANGED, "the action was edited: look again, and say the digest of what you approve");
    }
  }

  /** Refuses the approval of another effect than the one that was seen last. */
  static void effect(Approval question, Said said) {
    Preview preview = question.preview();
    if (said.approves()
        && said.effect() != null
        && (preview == null
            || !said.effect().equals(preview.effect())
            || !preview.of().equals(question.runs()))) {
      throw new RefusedException(
          Why.EFFECT_CHANGED, "that is not what the action did when it was last tried: look again");
    }
  }

  /**
   * Keeps what an action did when it was tried, unless it was tried since.
   *
   * @param from where a person wanted it; null where a rule did
   */
  static Move preview(Approval question, Preview preview, @Nullable JsonObject from) {
    requireOpen(question);
    Preview last = question.preview();
    if (!preview.of().equals(question.runs())
        || (last != null && last.number() >= preview.number())) {
      throw new RefusedException(
          Why.CHANGED, "the action was edited or tried anew meanwhile: look again");
    }
    JsonObject detail = preview.stored();
    return new Move(
        question.previewed(preview),
        question.state(),
        question.claimedBy(),
        question.answers(),
        null,
        null,
        "previewed",
        preview.by(),
        from == null ? detail : detail.mergeIn(from),
        null);
  }

  /** Refuses to release what is critical by a key alone, where a person has more to show. */
  static void proved(Approval question, Said said) {
    if (said.approves() && question.risk() == Risk.CRITICAL && !said.proved()) {
      throw new RefusedException(
          Why.CODE_MISSING, "the risk is critical: say the code of your authenticator");
    }
  }

  /** Where a question stands after somebody's answer; throws why he may not give it. */
  static State answered(Approval question, Actor by, Answer answer) {
    heard(question, by);
    if (question.answers().stream().anyMatch(given -> given.person().equals(answer.person()))) {
      throw new RefusedException(
          Why.ANSWERED, answer.person() + " has approved, another person must");
    }
    if (answer.reason() == null
        && (question.terms().reasonRequired() || question.risk() == Risk.CRITICAL)) {
      throw new RefusedException(Why.REASON_MISSING, "this question needs a reason");
    }
    if (!answer.approves()) {
      return State.DENIED;
    }
    List<Answer> answers = new ArrayList<>(question.answers());
    answers.add(answer);
    return isSatisfied(question.terms(), answers) ? State.APPROVED : question.state();
  }

  /** Says that a person looks at it, unless he may not answer, or somebody else looks. */
  static Move claim(Approval question, Actor by, Origin from) {
    requireOpen(question);
    requireApprover(question, by);
    String claimedBy = question.claimedBy();
    if (claimedBy != null && !claimedBy.equals(by.holder())) {
      throw new RefusedException(Why.CLAIMED, claimedBy + " looks at it");
    }
    return new Move(
        question,
        State.CLAIMED,
        by.holder(),
        question.answers(),
        null,
        null,
        "claimed",
        by.holder(),
        from.withKey(by.name()),
        null);
  }

  /**
   * Takes back what is not over.
   *
   * @param detail why, and how it was said
   * @param asked how many must be waiting for it; null for any
   */
  static Move cancel(Approval question, String by, JsonObject detail, @Nullable Integer asked) {
    if (!question.isOpen() && question.state() != State.APPROVED) {
      throw tooLate(question);
    }
    if (asked != null && question.asked() != asked) {
      throw new RefusedException(Why.CHANGED, question.asked() + " wait for it by now");
    }
    return new Move(
        question,
        State.CANCELLED,
        question.claimedBy(),
        question.answers(),
        null,
        asked,
        "cancelled",
        by,
        detail,
        null);
  }

  /** Runs what is approved, and nothing else. */
  static Move consume(Approval question, String digest) {
    if (question.state() != State.APPROVED) {
      throw tooLate(question);
    }
    if (!question.runs().equals(digest)) {
      throw new RefusedException(Why.MISMATCH, "another action was approved");
    }
    return new Move(
        question,
        State.CONSUMED,
        question.claimedBy(),
        question.answers(),
        null,
        null,
        "consumed",
        question.actor(),
        new JsonObject(),
        null);
  }

  static RefusedException tooLate(Approval question) {
    return new RefusedException(Why.TOO_LATE, "the approval is " + question.state().word());
  }

  private static void requireOpen(Approval question) {
    if (!question.isOpen()) {
      throw tooLate(question);
    }
  }

  private static void requireApprover(Approval question, Actor by) {
    if (by.name().equals(question.actor()) || by.holder().equals(question.holder())) {
      throw new RefusedException(Why.OWN_ACTION, "nobody answers what he asked himself");
    }
    if (by.role() != Role.APPROVER || lists(question.terms(), by).isEmpty()) {
      throw new RefusedException(Why.NOT_ASKED, "this question is for others");
    }
  }

  /** Which of the terms' lists a person is in, from 0. No list at all is one of all approvers. */
  static List<Integer> lists(ApprovalTerms terms, Actor by) {
    if (terms.approvers().isEmpty()) {
      return List.of(0);
    }
    List<Integer> lists = new ArrayList<>();
    for (int i = 0; i < terms.approvers().size(); i++) {
      if (terms.approvers().get(i).stream().anyMatch(name -> names(name, by))) {
        lists.add(i);
      }
    }
    return lists;
  }

  private static boolean names(String approver, Actor by) {
    if (approver.equals(ApprovalTerms.ANY_APPROVER)) {
      return by.role() == Role.APPROVER;
    }
    return approver.startsWith("group:")
        ? by.groups().contains(approver.substring("group:".length()))
        : approver.equals(by.name()) || approver.equals(by.holder());
  }

  private static boolean isSatisfied(ApprovalTerms terms, List<Answer> answers) {
    for (int i = 0; i < terms.approvers().size(); i++) {
      int list = i;
      long persons = persons(answers.stream().filter(answer -> answer.lists().contains(list)));
      if (persons < terms.quorumOf(terms.approvers().get(list))) {
        return false;
      }
    }
    return persons(answers.stream()) >= terms.quorum();
  }

  private static long persons(Stream<Answer> answers) {
    return answers.filter(Answer::approves).map(Answer::person).distinct().count();
  }

  /** How long a person needs at least to read so much, in milliseconds. */
  static long readingMillis(@Nullable String arguments) {
    int chars = arguments == null ? 0 : arguments.length();
    // Nobody reads more than 50 characters a second, or anything in less than one.
    return Math.min(60_000, 1000 + chars * 20L);
  }
}
