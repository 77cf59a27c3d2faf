using ServiMon.Predict.Detection;
using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Testing.Streams;

namespace ServiMon.Predict.Tests.Detection;

/// <summary>The contract of everything that takes a stream, over every class of subject in this assembly.</summary>
public class StreamContractTests
{
    private static readonly StreamSubject[] Subjects = [.. StreamContract.SubjectsIn(typeof(StreamContractTests).Assembly)];

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var subject in Subjects)
                foreach (var input in StreamContract.Inputs) cases.Add(subject.Subject.Name, input);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Holds(string subject, string input)
    {
        var type = Subjects.First(s => s.Subject.Name == subject).GetType();
        StreamContract.HoldsOn(() => (StreamSubject)Activator.CreateInstance(type)!, input);
    }

    [Theory]
    [InlineData(typeof(SeriesDetector))]
    [InlineData(typeof(LiveForecaster))]
    public void Everything_beside_it_that_observes_is_under_contract(Type one)
    {
        var observers = StreamContract.ObserversIn(one.Assembly, one.Namespace!).ToHashSet();
        Assert.Contains(one, observers);
        Assert.Superset(observers, Subjects.Select(s => s.Subject).ToHashSet());
    }
}
