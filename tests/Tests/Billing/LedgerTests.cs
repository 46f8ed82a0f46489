using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Tenet.Billing;
using Tenet.Billing.Ledger;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Billing;

public sealed class LedgerTests(TestCluster cluster)
{
    private readonly TestHost _host = cluster.Host;
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Credits_are_set_aside_spent_and_given_back()
    {
        var (credits, workspace) = await OpenAsync(welcome: 3);
        var (answered, failed) = (Guid.CreateVersion7(), Guid.CreateVersion7());

        (await credits.ReserveAsync(workspace, answered, _ct)).ShouldBeTrue();
        (await credits.ReserveAsync(workspace, failed, _ct)).ShouldBeTrue();
        (await credits.LeftAsync(workspace, _ct)).ShouldBe(1);
        await EndAsync(workspace, batch => credits.Settle(batch, answered));
        await EndAsync(workspace, batch => credits.Release(batch, failed));

        (await credits.SheetAsync(workspace, _ct)).ShouldBe(new CreditSheet(2, 1));
        (await _host.AsOwnerAsync<long>("select count(*) from kernel.job where workspace_id = $1", workspace)).ShouldBe(0);
        await HoldsAsync(workspace);
    }

    [Fact]
    public async Task Without_credits_nothing_is_set_aside()
    {
        var (credits, workspace) = await OpenAsync(welcome: 1);

        (await credits.ReserveAsync(workspace, Guid.CreateVersion7(), _ct)).ShouldBeTrue();
        (await credits.ReserveAsync(workspace, Guid.CreateVersion7(), _ct)).ShouldBeFalse();

        (await credits.LeftAsync(workspace, _ct)).ShouldBe(0);
    }

    [Fact]
    public async Task Where_no_credits_are_sold_nothing_is_counted()
    {
        var workspace = (await _host.OpenWorkspaceAsync()).Id;
        var credits = _host.Services.GetRequiredService<TurnCredits>();

        (await credits.ReserveAsync(workspace, Guid.CreateVersion7(), _ct)).ShouldBeTrue();

        (await credits.LeftAsync(workspace, _ct)).ShouldBeNull();
        (await _host.AsOwnerAsync<long>("select count(*) from billing.transaction where workspace_id = $1", workspace)).ShouldBe(0);
    }

    [Fact]
    public async Task What_is_booked_twice_is_booked_once()
    {
        var (credits, workspace) = await OpenAsync(welcome: 10);
        var turn = Guid.CreateVersion7();
        (await credits.ReserveAsync(workspace, turn, _ct)).ShouldBeTrue();
        (await credits.ReserveAsync(workspace, turn, _ct)).ShouldBeFalse();

        // Whichever of them comes first ends the reservation.
        await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(n =>
                    EndAsync(
                        workspace,
                        batch =>
                        {
                            if (n % 2 == 0)
                                credits.Settle(batch, turn);
                            else
                                credits.Release(batch, turn);
                        }
                    )
                )
        );

        (await BalanceAsync(workspace, Account.Held)).ShouldBe(0);
        ((await BalanceAsync(workspace, Account.Available)) + await BalanceAsync(workspace, Account.Spent)).ShouldBe(10 * Credits.One);
        await HoldsAsync(workspace);
    }

    [Fact]
    public async Task A_reservation_whose_turn_was_lost_is_given_back()
    {
        var (credits, workspace) = await OpenAsync(welcome: 1);
        var turn = Guid.CreateVersion7();
        await credits.ReserveAsync(workspace, turn, _ct);
        var job = new ReleaseReservation(_host.Door);

        await job.RunAsync(new JobRun(workspace, Guid.CreateVersion7(), turn, 1), _ct);
        await job.RunAsync(new JobRun(workspace, Guid.CreateVersion7(), turn, 2), _ct);
        // The lost turn turns up after all: it is not charged any more.
        await EndAsync(workspace, batch => credits.Settle(batch, turn));

        (await credits.LeftAsync(workspace, _ct)).ShouldBe(1);
        await HoldsAsync(workspace);
    }

    [Fact]
    public async Task Money_that_goes_back_takes_the_credits_along_as_far_as_they_are_there()
    {
        var (credits, workspace) = await OpenAsync(welcome: 0);
        var (purchase, refund) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await BookAsync(workspace, batch => Booking.Buy(purchase, Credits.Of(5), batch.Now));
        var turn = Guid.CreateVersion7();
        await credits.ReserveAsync(workspace, turn, _ct);
        await EndAsync(workspace, batch => credits.Settle(batch, turn));

        await BookAsync(workspace, batch => Booking.Reverse(refund, Credits.Of(5), batch.Now));
        (await credits.LeftAsync(workspace, _ct)).ShouldBe(0);
        (await BalanceAsync(workspace, Account.WrittenOff)).ShouldBe(-Credits.One);
        await BookAsync(workspace, batch => Booking.Restore(refund, batch.Now));

        (await credits.LeftAsync(workspace, _ct)).ShouldBe(4);
        (await BalanceAsync(workspace, Account.WrittenOff)).ShouldBe(0);
        await HoldsAsync(workspace);
    }

    [Fact]
    public async Task However_it_is_used_the_book_adds_up_and_agrees_with_a_simple_count()
    {
        var (credits, workspace) = await OpenAsync(welcome: 4);
        await credits.LeftAsync(workspace, _ct);
        var (available, open) = (4L, new List<Guid>());
        foreach (var step in Gen.Choose(0, 5).ListOf(Nightly.Times(120, 2_000)).Sample(1).Single())
        {
            var turn = open.Count > 0 && step is 1 or 2 && open.Count > 0 ? open[0] : Guid.CreateVersion7();
            switch (step)
            {
                case 0 or 5:
                    var fits = available > 0;
                    (await credits.ReserveAsync(workspace, turn, _ct)).ShouldBe(fits);
                    if (fits)
                    {
                        available--;
                        open.Add(turn);
                    }
                    break;
                case 1:
                    await EndAsync(workspace, batch => credits.Settle(batch, turn));
                    open.Remove(turn);
                    break;
                case 2:
                    await EndAsync(workspace, batch => credits.Release(batch, turn));
                    available += open.Remove(turn) ? 1 : 0;
                    break;
                case 3:
                    await BookAsync(workspace, batch => Booking.Buy(turn, Credits.Of(2), batch.Now));
                    available += 2;
                    break;
                default:
                    await BookAsync(workspace, batch => Booking.Reverse(turn, Credits.Of(3), batch.Now));
                    available -= Math.Min(3, available);
                    break;
            }
            (await credits.LeftAsync(workspace, _ct)).ShouldBe((int)available);
        }
        (await BalanceAsync(workspace, Account.Held)).ShouldBe(open.Count * Credits.One);
        await HoldsAsync(workspace);
    }

    /// <summary>100,000 with <c>TENET_NIGHTLY=1</c>: a tenth more than there are credits for.</summary>
    [Fact]
    public async Task Turns_that_race_for_credits_never_spend_more_than_there_are()
    {
        var debits = Nightly.Times(1_000, 100_000);
        var cap = debits / 10 * 9;
        var (credits, workspace) = await OpenAsync(welcome: cap);
        await credits.LeftAsync(workspace, _ct);
        var (taken, spent) = (0, 0);

        await Parallel.ForEachAsync(
            Enumerable.Range(0, debits),
            new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = _ct },
            async (n, ct) =>
            {
                var turn = Guid.CreateVersion7();
                if (await credits.ReserveAsync(workspace, turn, ct))
                {
                    Interlocked.Increment(ref taken);
                    // One in a hundred waits for the job that gives it back.
                    if (n % 100 != 0)
                    {
                        Interlocked.Increment(ref spent);
                        await EndAsync(workspace, batch => credits.Settle(batch, turn));
                    }
                }
            }
        );

        taken.ShouldBe(cap);
        (await credits.LeftAsync(workspace, _ct)).ShouldBe(0);
        (await BalanceAsync(workspace, Account.Spent)).ShouldBe(spent * Credits.One);
        (await BalanceAsync(workspace, Account.Held)).ShouldBe((cap - spent) * Credits.One);
        (
            await _host.AsOwnerAsync<long>(
                "select count(*) from billing.entry where workspace_id = $1 and account = 'available' and balance < 0",
                workspace
            )
        ).ShouldBe(0);
        await HoldsAsync(workspace);
    }

    [Theory]
    [InlineData("update billing.entry set amount = 1")]
    [InlineData("update billing.transaction set at = now() - interval '8 years'")]
    [InlineData("delete from billing.entry")]
    [InlineData("delete from billing.transaction")]
    public async Task What_is_booked_is_neither_changed_nor_deleted(string statement)
    {
        var (credits, workspace) = await OpenAsync(welcome: 1);
        await credits.LeftAsync(workspace, _ct);

        // By the grants for the program, by the trigger for the database's owner.
        (
            await Should.ThrowAsync<PostgresException>(() =>
                _host.Door.RunAsync(workspace, Actor.System, ctx => ctx.ExecuteAsync(Sql.Constant(statement), _ct), _ct)
            )
        ).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        (
            await Should.ThrowAsync<PostgresException>(() => _host.AsOwnerAsync<object>(statement + " where workspace_id = $1", workspace))
        ).SqlState.ShouldBe(PostgresErrorCodes.RestrictViolation);
    }

    [Fact]
    public async Task A_booking_that_is_not_zero_over_its_accounts_is_refused()
    {
        var (_, workspace) = await OpenAsync(welcome: 0);

        (
            await Should.ThrowAsync<PostgresException>(() =>
                _host.Door.RunAsync(
                    workspace,
                    Actor.System,
                    ctx =>
                        ctx.ExecuteAsync(
                            $"""
                            with booked as (insert into billing.transaction (number, kind, subject_id, amount, at)
                              values (1, 'granted', {workspace}, 5, now()) returning number)
                            insert into billing.entry (account, number, amount, balance, at) select 'available', number, 5, 5, now() from booked
                            """,
                            _ct
                        ),
                    _ct
                )
            )
        ).SqlState.ShouldBe(PostgresErrorCodes.CheckViolation);
    }

    [Fact]
    public async Task What_is_older_than_seven_years_goes_and_no_sooner()
    {
        await using var host = await cluster.StartHostAsync(background: false);
        var workspace = (await host.OpenWorkspaceAsync()).Id;
        foreach (var (n, age) in new[] { (1, "7 years 1 day"), (2, "6 years 364 days") })
        {
            await host.AsOwnerAsync<object>(
                $"""
                with booked as (insert into billing.transaction (workspace_id, number, kind, subject_id, amount, at)
                  values ($1, {n}, 'granted', gen_random_uuid(), 5, now() - interval '{age}') returning workspace_id, number, at)
                insert into billing.entry (workspace_id, account, number, amount, balance, at)
                select workspace_id, account, number, amount, {n} * amount, at from booked, (values ('available', 5), ('given', -5)) leg(account, amount)
                """,
                workspace
            );
        }

        await ActivatorUtilities.CreateInstance<RetentionSweep>(host.Services).SweepAsync(_ct);

        (await host.AsOwnerAsync<long>("select sum(number)::bigint from billing.transaction where workspace_id = $1", workspace)).ShouldBe(
            2
        );
        (await host.AsOwnerAsync<long>("select count(*) from billing.entry where workspace_id = $1", workspace)).ShouldBe(2);
    }

    private async Task<(TurnCredits, Guid)> OpenAsync(int welcome)
    {
        var options = new BillingOptions { Packages = [new CreditPackage { Id = "small" }], WelcomeCredits = welcome };
        return (new TurnCredits(_host.Door, options, new WelcomeCredits(_host.Door, options)), (await _host.OpenWorkspaceAsync()).Id);
    }

    private Task EndAsync(Guid workspace, Action<SqlBatch> end) => _host.Door.BatchAsync(workspace, Actor.Assistant, end, _ct);

    private Task BookAsync(Guid workspace, Func<SqlBatch, Sql> booking) =>
        EndAsync(
            workspace,
            batch =>
            {
                batch.Add(Booking.Lock(workspace));
                batch.Add(booking(batch));
            }
        );

    private Task<long> BalanceAsync(Guid workspace, Account account) =>
        _host.Door.RunAsync(workspace, Actor.System, ctx => ctx.ScalarAsync<long>($"select {Booking.Balance(account)}", _ct), _ct);

    private async Task HoldsAsync(Guid workspace)
    {
        var run = new ProbeRun(workspace, null!, _host.Door, _host.Services, DateTimeOffset.UtcNow);
        var finding = await new CreditLedger().ProbeAsync(run, null!, _ct);
        finding.Verdict.ShouldBe(Verdict.Holds, finding.Says);
        (await _host.AsOwnerAsync<long>("select sum(amount)::bigint from billing.entry where workspace_id = $1", workspace)).ShouldBe(0);
    }
}
