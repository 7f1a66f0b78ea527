package dev.gatehouse.gate;

import static dev.gatehouse.gate.ApprovalServers.ADA;
import static dev.gatehouse.gate.ApprovalServers.AGENT;
import static dev.gatehouse.gate.ApprovalServers.BEN;
import static dev.gatehouse.gate.ApprovalServers.CID;
import static dev.gatehouse.gate.ApprovalServers.HERE;
import static dev.gatehouse.gate.ApprovalServers.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Actor;
import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Risk;
import dev.gatehouse.action.Role;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.approval.Approval.State;
import dev.gatehouse.approval.Approvals;
import dev.gatehouse.approval.Said;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import net.jqwik.api.state.Action;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.Transformer;

/**
 * Random sequences of moves on real PostgreSQL against a model: no sequence runs an action twice,
 * runs one that was not approved, or one whose bytes differ from those approved.
 */
@SuppressWarnings("NullAway.Init")
class ApprovalModelIT {
  /** The requester's own holder has an approver's key, too. */
  private static final Actor AGENTS_HOLDER =
      new Actor("t", "other-key", Role.APPROVER, "agent", Set.of("sre"));

  private static final List<Actor> PERSONS = List.of(ADA, BEN, CID, AGENTS_HOLDER, AGENT);

  /** By which nobody is asked. */
  private static final String ALLOWING = "sha256:" + "2".repeat(64);

  private static final List<String> POLICIES =
      List.of(ApprovalServers.POLICY, "sha256:" + "1".repeat(64), ALLOWING);
  private static final int CODES = 3;
  private static ApprovalServers servers;
  private static int runs;
  private static int executed;

  @BeforeContainer
  static void start() throws Exception {
    servers =
        new ApprovalServers(
            2,
            Map.of(
                "GATEHOUSE_APPROVAL_QUESTIONS_PER_HOUR", "1000000",
                "GATEHOUSE_APPROVAL_PENDING_PER_AGENT", "1000000"));
  }

  @AfterContainer
  static void stop() throws Exception {
    assertTrue(executed > 0, "as many ran: " + executed);
    servers.close();
  }

  /** What a question must be like. */
  static final class Question {
    final String id;
    final String code;
    final boolean strict;

    /** By which it was asked. */
    final String policy;

    final Set<String> approvers = new HashSet<>();

    /** What an approver made of it; the code that was asked about until then. */
    String runs;

    State state = State.PENDING;
    String claimedBy = "";
    int executions;
    int edits;

    Question(String id, String code, boolean strict, String policy) {
      this.id = id;
      this.code = code;
      this.runs = code;
      this.strict = strict;
      this.policy = policy;
    }

    boolean isOpen() {
      return state == State.PENDING || state == State.CLAIMED;
    }

    boolean mayAnswer(Actor by) {
      return mayEdit(by) && !approvers.contains(by.holder());
    }

    /** Whoever edits begins anew. */
    boolean mayEdit(Actor by) {
      return isOpen()
          && by.role() == Role.APPROVER
          && !by.holder().equals("agent")
          && (!strict || by.groups().contains("sre"));
    }

    void approvedBy(Actor by) {
      approvers.add(by.holder());
      if (approvers.size() >= (strict ? 2 : 1)) {
        state = State.APPROVED;
      }
    }
  }

  /** What the system must be like. */
  static final class Model {
    final int run = ++runs;
    final List<Question> questions = new ArrayList<>();
    String policy = ApprovalServers.POLICY;

    String code(int number) {
      return "run " + run + " code " + number;
    }

    Question question(int number) {
      return questions.get(number % questions.size());
    }

    /** Something was asked: a new question, unless the same is open. */
    void asked(String id, String code, boolean strict) {
      boolean joins =
          questions.stream()
              .anyMatch(one ->
                  one.isOpen()
                      && one.code.equals(code)
                      && one.strict == strict
                      && one.policy.equals(policy));
      boolean joined = questions.stream().anyMatch(one -> one.id.equals(id));
      assertEquals(joins, joined);
      if (!joined) {
        questions.add(new Question(id, code, strict, policy));
      }
    }

    void check() {
      for (Question question : questions) {
        Approval stored = await(servers.questions(0).find(AGENT, question.id));
        assertEquals(question.state, stored.state(), question.code);
        assertTrue(question.executions <= 1);
      }
    }
  }

  @Property(tries = 60)
  void noSequenceOfMovesRunsWhatWasNotApprovedOrTwiceOrOtherwise(
      @ForAll("moves") ActionChain<Model> moves) {
    moves.run();
  }

  @Provide
  Arbitrary<ActionChain<Model>> moves() {
    return ActionChain.startWith(Model::new)
        .withAction(2, ask())
        .withAction(4, answer())
        .withAction(2, edit())
        .withAction(1, claim())
        .withAction(1, cancel())
        .withAction(1, lapse())
        .withAction(1, amend())
        .withAction(4, execute())
        .withMaxTransformations(24);
  }

  private static Action.Independent<Model> ask() {
    return new Action.Independent<>() {
      @Override
      public Arbitrary<Transformer<Model>> transformer() {
        return Combinators.combine(
                Arbitraries.integers().between(0, CODES - 1), Arbitraries.of(true, false))
            .as((code, strict) ->
                Transformer.mutate("ask " + code, model -> ask(model, code, strict)));
      }
    };
  }

  private static void ask(Model model, int number, boolean strict) {
    if (model.policy.equals(ALLOWING)) {
      return;
    }
    String code = model.code(number);
    model.asked(servers.ask(code, servers.verdict(terms(strict), model.policy)).id(), code, strict);
    model.check();
  }

  private static ApprovalTerms terms(boolean strict) {
    return strict
        ? new ApprovalTerms(List.of(List.of("group:sre")), 2, 3_600_000, false)
        : ApprovalServers.within(3_600_000);
  }

  /** A move of some question of some person. */
  private abstract static class Move implements Action.Independent<Model> {
    private final String name;

    Move(String name) {
      this.name = name;
    }

    @Override
    public boolean precondition(Model model) {
      return !model.questions.isEmpty();
    }

    @Override
    public Arbitrary<Transformer<Model>> transformer() {
      return Combinators.combine(
              Arbitraries.integers().between(0, 9),
              Arbitraries.of(PERSONS),
              Arbitraries.integers().between(0, CODES - 1))
          .as((question, person, number) ->
              Transformer.mutate(
                  name + " " + question + " " + person.name() + " " + number,
                  model -> {
                    make(model, model.question(question), person, number);
                    model.check();
                  }));
    }

    abstract void make(Model model, Question question, Actor person, int number);
  }

  private static Action.Independent<Model> answer() {
    return new Move("answer") {
      @Override
      void make(Model model, Question question, Actor person, int number) {
        boolean approves = number != 0;
        // Of what runs, of what was asked about, or of whatever it is.
        String seen = number == 1 ? question.runs : question.code;
        boolean names = question.approvers.size() != 1;
        Said said =
            new Said(
                approves, null, names ? digest(seen, question) : null, null, null, false, HERE);
        boolean taken = succeeds(servers.questions(number % 2).answer(person, question.id, said));
        boolean sees = names ? seen.equals(question.runs) : question.edits == 0;
        assertEquals(question.mayAnswer(person) && (sees || !approves), taken);
        if (taken && approves) {
          question.approvedBy(person);
        } else if (taken) {
          question.state = State.DENIED;
        }
      }
    };
  }

  private static Action.Independent<Model> edit() {
    return new Move("edit") {
      @Override
      void make(Model model, Question question, Actor person, int number) {
        String code = model.code(number);
        Approvals.Edited edited =
            new Approvals.Edited(
                CanonicalJson.of(ApprovalServers.action(code).arguments()),
                digest(code, question),
                Risk.MEDIUM,
                null);
        boolean taken =
            succeeds(
                servers
                    .approvals(number % 2)
                    .edit(person, question.id, edited, Said.byHttp(true, null, "here")));
        assertEquals(question.mayEdit(person), taken);
        if (taken) {
          question.edits++;
          question.runs = code;
          question.approvers.clear();
          question.approvedBy(person);
        }
      }
    };
  }

  private static String digest(String code, Question question) {
    return ActionDigest.of(ApprovalServers.action(code), question.policy);
  }

  private static Action.Independent<Model> claim() {
    return new Move("claim") {
      @Override
      void make(Model model, Question question, Actor person, int number) {
        boolean may =
            question.isOpen()
                && person.role() == Role.APPROVER
                && !person.holder().equals("agent")
                && (!question.strict || person.groups().contains("sre"))
                && (question.claimedBy.isEmpty() || question.claimedBy.equals(person.holder()));
        assertEquals(may, succeeds(servers.questions(number % 2).claim(person, question.id, HERE)));
        if (may) {
          question.claimedBy = person.holder();
          question.state = State.CLAIMED;
        }
      }
    };
  }

  private static Action.Independent<Model> cancel() {
    return new Move("cancel") {
      @Override
      void make(Model model, Question question, Actor person, int number) {
        boolean may = question.isOpen() || question.state == State.APPROVED;
        assertEquals(may, succeeds(servers.questions(number % 2).cancel(AGENT, question.id, HERE)));
        if (may) {
          question.state = State.CANCELLED;
        }
      }
    };
  }

  /** Time passes for one question. */
  private static Action.Independent<Model> lapse() {
    return new Move("lapse") {
      @Override
      void make(Model model, Question question, Actor person, int number) {
        servers.query(
            "update approval set expires_at = clock_timestamp() where id = '" + question.id + "'");
        if (question.isOpen() || question.state == State.APPROVED) {
          question.state = State.EXPIRED;
          // Nothing can be done with it any more, and trying says so.
          assertEquals(
              false, succeeds(servers.questions(number % 2).cancel(AGENT, question.id, HERE)));
        }
      }
    };
  }

  /** Policy changes, or is again what it was. */
  private static Action.Independent<Model> amend() {
    return new Move("amend") {
      @Override
      void make(Model model, Question question, Actor person, int number) {
        model.policy = POLICIES.get(number % POLICIES.size());
      }
    };
  }

  private static Action.Independent<Model> execute() {
    return new Move("execute") {
      @Override
      void make(Model model, Question question, Actor person, int number) {
        // Mostly what was asked about: else it would seldom run.
        String code = number == 0 ? model.code(number) : question.code;
        boolean allows = model.policy.equals(ALLOWING);
        Verdict says =
            allows
                ? servers.allows(ALLOWING)
                : servers.verdict(terms(question.strict), model.policy);
        Passage<String> passage =
            await(
                servers
                    .pass(number % 2, ApprovalServers.action(code), question.id, says)
                    .otherwiseEmpty());
        boolean same = question.code.equals(code);
        boolean holds = question.policy.equals(model.policy);
        boolean byRight =
            same && question.state == State.APPROVED && (allows ? question.edits == 0 : holds);
        // Nobody is asked any more; what an approver made of it is not what policy was asked.
        boolean byPolicy =
            same && allows && (question.isOpen() || question.state == State.APPROVED);
        assertEquals(byRight || byPolicy, passage instanceof Passage.Done);
        if (same && !holds && !allows) {
          // Decided again: it takes another answer.
          Passage.Waiting<?> waits = assertInstanceOf(Passage.Waiting.class, passage);
          model.asked(waits.approval().id(), code, question.strict);
        }
        if (passage instanceof Passage.Done<String> done) {
          assertEquals(byRight ? question.runs : question.code, done.result());
          executed++;
          if (byRight) {
            question.executions++;
            question.state = State.CONSUMED;
          }
        }
      }
    };
  }

  private static boolean succeeds(Future<?> move) {
    await(move.otherwiseEmpty());
    return move.succeeded();
  }
}
