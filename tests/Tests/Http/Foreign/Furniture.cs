using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Accounts;
using Tenet.Inbox.Widget;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Attestations;
using Tenet.Privacy.Breaches;
using Tenet.Privacy.Consents;
using Tenet.Tests.Inbox;
using Tenet.Tests.Support;

namespace Tenet.Tests.Http.Foreign;

/// <summary>A workspace with something of everything that has an id in some route, and all its tokens.</summary>
/// <param name="Word">Stands in what others may send: addresses, questions, search terms.</param>
/// <param name="Mark">Stands beside it in what nobody else ever sends.</param>
/// <param name="IdentitySecret">With it the customer's site signs for its visitors.</param>
internal sealed record Furnished(Callers Callers, string Word, string Mark, HttpClient Agent, string ApiKey, string IdentitySecret)
    : IDisposable
{
    public string IdempotencyKey => Word + "-key";
    public required HttpClient Key { get; init; }

    /// <summary>Places in its lists.</summary>
    public required IReadOnlyList<string> Cursors { get; init; }

    public required string EntityTag { get; init; }
    public required string EventId { get; init; }

    public void Dispose()
    {
        Callers.Dispose();
        Agent.Dispose();
        Key.Dispose();
    }
}

internal static class Furniture
{
    public static async Task<Furnished> FurnishAsync(this TestHost host, string word, string mark, CancellationToken ct)
    {
        var callers = await Callers.OfAsync(host);
        var (owner, workspace) = (callers.Owner, callers.Workspace);
        var agent = await host.SignInAsync(workspace, "agent");
        var member = await host
            .Services.GetRequiredService<Members>()
            .CreateAsync(workspace.Id, $"{word}.member@example.org", $"{mark} Lovelace", "agent", ct);
        await SendAsync(owner.PutAsJsonAsync("/api/workspace", new { name = $"{mark} Ltd", language = "en" }, ct));
        await SendAsync(owner.PostAsJsonAsync("/api/invitations", new { email = $"{word}.guest@example.org", role = "viewer" }, ct));
        await KnowAsync(owner, word, mark, ct);
        await VouchAsync(host, workspace, Actor.Member(member.Id), mark, ct);
        var (key, secret) = (await KeyAsync(owner, mark, ct), await IdentitySecretAsync(owner, ct));
        var eventId = await TalkAsync(host, callers, agent, word, mark, secret);
        await RightsAsync(host, callers, ct);
        await CorrectionAsync(host, callers, word, ct);
        var settings = await owner.GetFromJsonAsync<JsonElement>("/api/widget-settings", ct);
        var widget = settings.GetProperty("settings").Deserialize<Dictionary<string, object>>()!;
        widget["greeting"] = $"{mark} welcomes you";
        await SendAsync(owner.PutAsJsonAsync("/api/widget-settings", widget, ct));
        using var tagged = await owner.GetAsync("/api/workspace", ct);
        var byKey = host.Client();
        byKey.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return new Furnished(callers, word, mark, agent, key, secret)
        {
            Key = byKey,
            Cursors = await CursorsAsync(owner, ct),
            EntityTag = tagged.Headers.ETag!.ToString(),
            EventId = eventId,
        };
    }

    /// <summary>A copy of one person's data, and another person, a child, erased with a certificate and kept out.</summary>
    private static async Task RightsAsync(TestHost host, Callers callers, CancellationToken ct)
    {
        var copied = new { persons = new[] { callers.Visitor.VisitorId } };
        await SendAsync(callers.Owner.PostAsJsonAsync("/api/privacy/exports", copied, ct));
        var asked = new
        {
            regime = "gdpr",
            kind = "access",
            email = "asks@example.org",
        };
        await SendAsync(callers.Owner.PostAsJsonAsync("/api/privacy/requests", asked, ct));
        await SendAsync(callers.Owner.PostAsJsonAsync("/api/workspace/exports", new { }, ct));
        await host.Door.RunAsync(
            callers.Workspace.Id,
            Actor.System,
            async ctx =>
            {
                await host.Services.GetRequiredService<BreachRegister>().OpenAsync(ctx, new NewBreach("A laptop", "It was lost."), ct);
                var said = new ConsentWish(null, ConsentTexts.Of("en"), ConsentMethod.RejectAll, false, false, PrivacySignal.None, null);
                await GiveConsent.RunAsync(ctx, said, ct);
            },
            ct
        );
        using var leaving = await WidgetVisitor.ArriveAsync(host, callers.Workspace);
        var erased = new { persons = new[] { leaving.VisitorId }, ground = "child" };
        using var begun = await callers.Owner.PostAsJsonAsync("/api/privacy/erasures", erased, ct);
        var id = (await begun.Content.ReadFromJsonAsync<JsonElement>(ct)).GetProperty("id").GetGuid();
        await Eventually.HoldsAsync(
            async () =>
            {
                using var certificate = await callers.Owner.GetAsync($"/api/privacy/erasures/{id}/certificate", ct);
                return certificate.IsSuccessStatusCode;
            },
            "the erasure has its certificate",
            ct
        );
    }

    /// <summary>Somebody known who wants something corrected, and somebody whose data is kept and not used.</summary>
    private static async Task CorrectionAsync(TestHost host, Callers callers, string word, CancellationToken ct)
    {
        var asked = new
        {
            regime = "gdpr",
            kind = "rectification",
            email = $"{word}.visitor@example.org",
            details = "The name is wrong.",
        };
        using var entered = await callers.Owner.PostAsJsonAsync("/api/privacy/requests", asked, ct);
        var id = (await entered.Content.ReadFromJsonAsync<JsonElement>(ct)).GetProperty("id").GetGuid();
        await SendAsync(
            callers.Owner.PostAsJsonAsync($"/api/privacy/requests/{id}/verification", new { reason = "They came in person." }, ct)
        );
        var wanted = new { workspace = callers.Workspace.Slug, email = $"{word}.news@example.org" };
        await SendAsync(callers.Owner.PostAsJsonAsync("/api/privacy/marketing", wanted, ct));
        using var kept = await WidgetVisitor.ArriveAsync(host, callers.Workspace);
        await host.Door.RunAsync(
            callers.Workspace.Id,
            Actor.System,
            ctx => Restrictions.SetAsync(ctx, [("inbox.visitor", kept.VisitorId)], null, ct),
            ct
        );
    }

    private static async Task KnowAsync(HttpClient owner, string word, string mark, CancellationToken ct)
    {
        await SendAsync(owner.PostAsJsonAsync("/api/knowledge/answers", new { question = $"When {word}?", answer = $"Now: {mark}." }, ct));
        using var keyed = new HttpRequestMessage(HttpMethod.Post, "/api/knowledge/answers")
        {
            Content = JsonContent.Create(new { question = $"Where {word}?", answer = $"Here: {mark}." }),
            Headers = { { "Idempotency-Key", word + "-key" } },
        };
        await SendAsync(owner.SendAsync(keyed, ct));
        await SendAsync(owner.PostAsJsonAsync("/api/knowledge/sources", new { url = $"https://{mark}.test/" }, ct));
        await SendAsync(
            owner.PostAsJsonAsync(
                "/api/knowledge/sources/uploads",
                new { fileName = $"{mark}.md", content = $"# {word}\n\nOur {word} costs nothing, says {mark}." },
                ct
            )
        );
    }

    /// <summary>Evidence with a file for something that the policy asks for.</summary>
    private static async Task VouchAsync(TestHost host, Workspace workspace, Actor by, string mark, CancellationToken ct)
    {
        var policy = await host.Services.GetRequiredService<PolicyBook>().OfAsync(workspace.Id, ct);
        var asked = policy.Claims.First(found => found.Claim.Kind.Name == "attested").Claim.Text("what");
        using var content = new MemoryStream(Encoding.UTF8.GetBytes($"{mark}'s report"));
        var file = await host.Services.GetRequiredService<BlobStore>().WriteAsync(workspace.Id, by, content, 1_000, null, ct);
        await host.Door.RunAsync(
            workspace.Id,
            by,
            ctx => AttestationInbox.GiveAsync(ctx, policy, asked, $"{mark} has the minutes.", null, file, ct),
            ct
        );
    }

    private static async Task<string> KeyAsync(HttpClient owner, string mark, CancellationToken ct)
    {
        var scopes = await owner.GetFromJsonAsync<string[]>("/api/api-keys/scopes", ct);
        using var made = await owner.PostAsJsonAsync(
            "/api/api-keys",
            new
            {
                name = mark,
                role = "admin",
                scopes,
            },
            ct
        );
        made.EnsureSuccessStatusCode();
        return (await made.Content.ReadFromJsonAsync<JsonElement>(ct)).GetProperty("secret").GetString()!;
    }

    private static async Task<string> IdentitySecretAsync(HttpClient owner, CancellationToken ct)
    {
        using var made = await owner.PutAsync("/api/widget-settings/identity-secret", null, ct);
        return (await made.Content.ReadFromJsonAsync<JsonElement>(ct)).GetProperty("secret").GetString()!;
    }

    /// <summary>One conversation answered, handed over and taken, one message left, one visitor known by name.</summary>
    /// <returns>The id of a streamed event.</returns>
    private static async Task<string> TalkAsync(TestHost host, Callers callers, HttpClient agent, string word, string mark, string secret)
    {
        await callers.Visitor.SayAsync($"Can I exchange the {word}? I am {mark}.");
        var events = await callers.Visitor.UntilAnsweredAsync();
        await SendAsync(callers.Visitor.Client.PostAsync("/api/widget/handoff", null));
        var conversation = (await callers.Visitor.ConversationAsync()).GetProperty("id").GetGuid();
        var path = $"/api/inbox/conversations/{conversation}";
        await SendAsync(agent.PutAsJsonAsync($"{path}/assignment", new { }));
        await SendAsync(agent.PostAsJsonAsync($"{path}/messages", new { text = $"{mark} may have it.", note = true }));

        using var second = await WidgetVisitor.ArriveAsync(host, callers.Workspace);
        var (id, now) = ($"{word}-7", TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        var identity = new SignedIdentity(id, $"{word}.visitor@example.org", mark, now, "");
        identity = identity with { Signature = SignedIdentity.Sign(secret, id, identity.Email, mark, now) };
        await SendAsync(second.Client.PostAsJsonAsync($"/api/widget/{second.Key}/sessions", new { identity }));
        using var third = await WidgetVisitor.ArriveAsync(host, callers.Workspace);
        await SendAsync(
            third.Client.PostAsJsonAsync(
                "/api/widget/offline",
                new
                {
                    name = mark,
                    email = $"{word}.offline@example.org",
                    text = $"Call me about the {word}, {mark}.",
                }
            )
        );
        return events.FindLast(item => item.Id is not null)!.Id!;
    }

    private static async Task<IReadOnlyList<string>> CursorsAsync(HttpClient owner, CancellationToken ct)
    {
        var cursors = new List<string>();
        foreach (var list in new[] { "/api/knowledge/answers?limit=1" })
        {
            var page = await owner.GetFromJsonAsync<JsonElement>(list, ct);
            cursors.Add(page.GetProperty("next").GetString().ShouldNotBeNull(list));
        }
        return cursors;
    }

    private static async Task SendAsync(Task<HttpResponseMessage> sending)
    {
        using var answer = await sending;
        answer.IsSuccessStatusCode.ShouldBeTrue(
            $"{answer.RequestMessage!.RequestUri}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}"
        );
    }
}
